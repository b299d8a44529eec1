import { backoffMs } from "../../../shared/api/backoff";
import { ConnectionLost, ProblemError } from "../../../shared/api/client";
import type { Problem } from "../../../shared/api/types";
import { Emitter } from "../../../shared/emitter";
import type { PendingRequest, PendingRequestStore } from "./pendingRequests";

export interface OutboxEvents<Reply> {
  change: undefined;
  delivered: { readonly request: PendingRequest; readonly reply: Reply };
  /** The server will never accept it. */
  refused: { readonly request: PendingRequest; readonly problem: Problem };
}

const RETRYABLE = new Set([408, 425, 429]);

/** Pending answers: kept until the server confirms them, sent one by one in order, and again after a failure. */
export class Outbox<Reply> {
  readonly events = new Emitter<OutboxEvents<Reply>>();
  private queue: PendingRequest[];
  private sending = false;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private clock = 0;

  constructor(
    private readonly store: PendingRequestStore,
    private readonly send: (request: PendingRequest) => Promise<Reply>,
    private readonly newKey: () => string,
  ) {
    this.queue = store.all();
  }

  /** The number of pending requests. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Whether the last attempt got no answer. */
  get isStuck(): boolean {
    return this.attempt > 0;
  }

  get pending(): readonly PendingRequest[] {
    return this.queue;
  }

  /** Store and send a request. Return its key. */
  post(path: string, body: object): string {
    const key = this.newKey();
    this.clock = Math.max(this.clock + 1, Date.now());
    const request = { key, path, body: { ...body, idempotency_key: key }, at: this.clock };
    this.store.put(request);
    this.queue.push(request);
    this.events.emit("change", undefined);
    if (this.retry === undefined) void this.flush();
    return key;
  }

  /** Send pending requests now, such as when the connection is back. */
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

  /** Return whether the request is settled. */
  private async deliver(request: PendingRequest): Promise<boolean> {
    try {
      const reply = await this.send(request);
      this.settle(request);
      this.events.emit("delivered", { request, reply });
      return true;
    } catch (error) {
      const wait = delayOf(error, this.attempt);
      if (wait === null) {
        this.settle(request);
        this.events.emit("refused", { request, problem: (error as ProblemError).problem });
        return true;
      }
      this.attempt++;
      this.retry = setTimeout(() => void this.flush(), wait);
      this.events.emit("change", undefined);
      return false;
    }
  }

  private settle(request: PendingRequest): void {
    this.attempt = 0;
    this.store.drop(request.key);
    this.queue = this.queue.filter(({ key }) => key !== request.key);
    this.events.emit("change", undefined);
  }
}

/** Milliseconds until the next attempt; null if retrying cannot help. */
function delayOf(error: unknown, attempt: number): number | null {
  if (error instanceof ConnectionLost) return backoffMs(attempt);
  if (!(error instanceof ProblemError)) throw error;
  const { status, retry_after_s: seconds } = error.problem;
  if (status < 500 && !RETRYABLE.has(status)) return null;
  return seconds ? seconds * 1000 : backoffMs(attempt);
}
