import { backoffMs } from "../../../shared/api/backoff";
import { ConnectionLost, ProblemError } from "../../../shared/api/client";
import type { Problem } from "../../../shared/api/types";
import { Emitter } from "../../../shared/emitter";
import type { Parcel, ParcelStore } from "./parcels";

export interface OutboxEvents<Reply> {
  change: undefined;
  delivered: { readonly parcel: Parcel; readonly reply: Reply };
  /** The server will not have it, however often it is sent. */
  refused: { readonly parcel: Parcel; readonly problem: Problem };
}

const WORTH_ANOTHER_TRY = new Set([408, 425, 429]);

/** Answers on their way to the server: kept until it gives a receipt, sent one by one in order, again after a failure. */
export class Outbox<Reply> {
  readonly events = new Emitter<OutboxEvents<Reply>>();
  private queue: Parcel[];
  private sending = false;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private clock = 0;

  constructor(
    private readonly store: ParcelStore,
    private readonly send: (parcel: Parcel) => Promise<Reply>,
    private readonly newKey: () => string,
  ) {
    this.queue = store.all();
  }

  /** Parcels without a receipt. */
  get waiting(): number {
    return this.queue.length;
  }

  /** The last try found nobody. */
  get isStuck(): boolean {
    return this.attempt > 0;
  }

  get pending(): readonly Parcel[] {
    return this.queue;
  }

  /** Keeps and sends it; the key it travels under. */
  post(path: string, body: object): string {
    const key = this.newKey();
    this.clock = Math.max(this.clock + 1, Date.now());
    const parcel = { key, path, body: { ...body, idempotency_key: key }, at: this.clock };
    this.store.put(parcel);
    this.queue.push(parcel);
    this.events.emit("change", undefined);
    if (this.retry === undefined) void this.flush();
    return key;
  }

  /** Sends what waits, now; as when the connection is back. */
  async flush(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.queue.length > 0 && (await this.deliver(this.queue[0])));
    } finally {
      this.sending = false;
    }
  }

  /** True when the parcel is off our hands. */
  private async deliver(parcel: Parcel): Promise<boolean> {
    try {
      const reply = await this.send(parcel);
      this.settle(parcel);
      this.events.emit("delivered", { parcel, reply });
      return true;
    } catch (error) {
      const wait = delayOf(error, this.attempt);
      if (wait === null) {
        this.settle(parcel);
        this.events.emit("refused", { parcel, problem: (error as ProblemError).problem });
        return true;
      }
      this.attempt++;
      this.retry = setTimeout(() => void this.flush(), wait);
      this.events.emit("change", undefined);
      return false;
    }
  }

  private settle(parcel: Parcel): void {
    this.attempt = 0;
    this.store.drop(parcel.key);
    this.queue = this.queue.filter(({ key }) => key !== parcel.key);
    this.events.emit("change", undefined);
  }
}

/** Milliseconds until the next try; null where trying again cannot help. */
function delayOf(error: unknown, attempt: number): number | null {
  if (error instanceof ConnectionLost) return backoffMs(attempt);
  if (!(error instanceof ProblemError)) throw error;
  const { status, retry_after_s: seconds } = error.problem;
  if (status < 500 && !WORTH_ANOTHER_TRY.has(status)) return null;
  return seconds ? seconds * 1000 : backoffMs(attempt);
}
