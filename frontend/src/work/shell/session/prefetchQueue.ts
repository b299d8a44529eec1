import type { Item } from "./types";

const LOW = 2; // when so few are left, more are claimed: three are there when a connection is lost

/** The prefetch queue: items claimed ahead, with their pictures loaded and decoded. */
export class PrefetchQueue<A extends Item> {
  private items: A[] = [];
  private filling: Promise<number> | null = null;

  constructor(
    private readonly claim: (count: number, have: readonly number[]) => Promise<readonly A[]>,
    private readonly warm: (item: A) => Promise<void>,
    private readonly ahead = 4,
    private readonly now: () => number = Date.now,
  ) {}

  get upcoming(): readonly A[] {
    return this.items;
  }

  get isFilling(): boolean {
    return this.filling !== null;
  }

  get isLow(): boolean {
    return this.items.length <= Math.min(LOW, this.ahead - 1);
  }

  /** Take the next item whose lease is valid, or null; then `fill` may find some. */
  take(): A | null {
    this.items = this.items.filter(({ lease_expires_at }) => Date.parse(lease_expires_at) > this.now());
    return this.items.shift() ?? null;
  }

  /** Put back an item that was taken. */
  putBack(item: A): void {
    this.items.unshift(item);
  }

  drop(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  /** Empty the queue. Return items that were claimed but not shown. */
  clear(): readonly A[] {
    const left = this.items;
    this.items = [];
    return left;
  }

  /**
   * Claim what is missing and return how many arrived; join a claim in progress. `elsewhere` are the assignments that
   * are shown, or answered but not yet confirmed. Resolves when the first new item can be painted.
   */
  fill(elsewhere: () => readonly number[]): Promise<number> {
    this.filling ??= this.fetch(elsewhere).finally(() => (this.filling = null));
    return this.filling;
  }

  private async fetch(elsewhere: () => readonly number[]): Promise<number> {
    const missing = this.ahead - this.items.length;
    if (missing <= 0) return 0;
    const claimed = await this.claim(missing, [...this.items.map(({ id }) => id), ...elsewhere()]);
    // Some of them may have been answered in the meantime.
    const known = new Set([...this.items.map(({ id }) => id), ...elsewhere()]);
    const fresh = claimed.filter(({ id }) => !known.has(id));
    const [first, ...others] = fresh;
    if (first) await this.warm(first);
    this.items.push(...fresh);
    others.forEach((item) => void this.warm(item));
    return fresh.length;
  }
}
