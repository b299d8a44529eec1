import type { Item } from "./types";

/** Items to come: claimed ahead, their pictures loaded and decoded before they are shown. */
export class Runway<A extends Item> {
  private items: A[] = [];
  private filling: Promise<number> | null = null;

  constructor(
    private readonly claim: (count: number, have: readonly number[]) => Promise<readonly A[]>,
    private readonly warm: (item: A) => Promise<void>,
    private readonly ahead = 3,
    private readonly now: () => number = Date.now,
  ) {}

  get upcoming(): readonly A[] {
    return this.items;
  }

  get isFilling(): boolean {
    return this.filling !== null;
  }

  /** The next item whose lease still holds, or null; then `fill` may find some. */
  take(): A | null {
    this.items = this.items.filter(({ lease_expires_at }) => Date.parse(lease_expires_at) > this.now());
    return this.items.shift() ?? null;
  }

  /** An item that was taken comes again. */
  putBack(item: A): void {
    this.items.unshift(item);
  }

  drop(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  /** Empties itself; what was claimed and not shown. */
  clear(): readonly A[] {
    const left = this.items;
    this.items = [];
    return left;
  }

  /**
   * Claims what is missing and tells how many came; joins a claim that is under way. `elsewhere` are the assignments that
   * are shown, or answered and not yet with the server. Resolves when the first new item can be painted.
   */
  fill(elsewhere: () => readonly number[]): Promise<number> {
    this.filling ??= this.fetch(elsewhere).finally(() => (this.filling = null));
    return this.filling;
  }

  private async fetch(elsewhere: () => readonly number[]): Promise<number> {
    const missing = this.ahead - this.items.length;
    if (missing <= 0) return 0;
    const asked = await this.claim(missing, [...this.items.map(({ id }) => id), ...elsewhere()]);
    // What was answered meanwhile may be among them.
    const known = new Set([...this.items.map(({ id }) => id), ...elsewhere()]);
    const fresh = asked.filter(({ id }) => !known.has(id));
    const [first, ...others] = fresh;
    if (first) await this.warm(first);
    this.items.push(...fresh);
    others.forEach((item) => void this.warm(item));
    return fresh.length;
  }
}
