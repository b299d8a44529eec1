import { backoffMs } from "../../../shared/api/backoff";
import { ConnectionLost, isPassing, ProblemError } from "../../../shared/api/client";
import type { Problem } from "../../../shared/api/types";
import { Emitter } from "../../../shared/emitter";
import type { PendingRequest, PendingRequestStore } from "./pendingRequests";

export interface OutboxEvents<Reply> {
  change: undefined;
  delivered: { readonly request: PendingRequest; readonly reply: Reply };
  /** The server did not accept it. It is kept, and can be sent again. */
  refused: Refused;
  /** The server no longer knows who sends the requests: all wait until somebody has signed in. */
  locked: Problem;
}

/** A request that the server did not accept, and why. */
export interface Refused {
  readonly request: PendingRequest;
  readonly problem: Problem;
}

const SIGNED_OUT = new Set([401, 403]);

/**
 * Pending answers: kept until the server confirms them, sent one by one in order, and again after a failure. Refused ones
 * are kept as well, until they are accepted or discarded; after a reload, they are pending again.
 */
export class Outbox<Reply> {
  readonly events = new Emitter<OutboxEvents<Reply>>();
  /** Refused requests, in order. */
  refused: readonly Refused[] = [];
  /** Why nothing is sent until somebody has signed in. */
  locked: Problem | null = null;
  private queue: PendingRequest[];
  private readonly unstored = new Set<string>();
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

  /** Requests that the server has not stored: pending and refused. */
  get unsaved(): number {
    return this.queue.length + this.refused.length;
  }

  /** Whether some of them would be lost with the page, because the browser's storage is full or forbidden. */
  get isOnlyInMemory(): boolean {
    return this.unstored.size > 0;
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
    if (!this.store.put(request)) this.unstored.add(key);
    this.queue.push(request);
    this.events.emit("change", undefined);
    if (this.retry === undefined && !this.locked) void this.flush();
    return key;
  }

  /** Send pending requests now, such as when the connection is back. */
  async flush(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.locked = null;
    if (this.sending) return;
    this.sending = true;
    try {
      while (this.queue.length > 0 && (await this.deliver(this.queue[0])));
    } finally {
      this.sending = false;
    }
  }

  /** Send refused requests again, in their order among the pending ones. Return them. */
  sendAgain(): readonly PendingRequest[] {
    const again = this.refused.map(({ request }) => request);
    this.refused = [];
    this.queue = [...this.queue, ...again].sort((a, b) => a.at - b.at);
    this.events.emit("change", undefined);
    void this.flush();
    return again;
  }

  /** Forget refused requests: all, or the one with this key. */
  discard(only?: string): void {
    for (const { request } of this.refused) if (!only || request.key === only) this.forget(request.key);
    this.refused = this.refused.filter(({ request }) => only && request.key !== only);
    this.events.emit("change", undefined);
  }

  /** Return whether the next request may be sent. */
  private async deliver(request: PendingRequest): Promise<boolean> {
    try {
      const reply = await this.send(request);
      this.settle(request);
      this.events.emit("delivered", { request, reply });
      return true;
    } catch (error) {
      const wait = delayOf(error, this.attempt);
      if (wait === null) return this.refuse(request, (error as ProblemError).problem);
      this.attempt++;
      this.retry = setTimeout(() => void this.flush(), wait);
      this.events.emit("change", undefined);
      return false;
    }
  }

  private refuse(request: PendingRequest, problem: Problem): boolean {
    this.attempt = 0;
    if (SIGNED_OUT.has(problem.status)) {
      this.locked = problem;
      this.events.emit("locked", problem);
      this.events.emit("change", undefined);
      return false;
    }
    this.queue = this.queue.filter(({ key }) => key !== request.key);
    this.refused = [...this.refused, { request, problem }];
    this.events.emit("refused", { request, problem });
    this.events.emit("change", undefined);
    return true;
  }

  private forget(key: string): void {
    this.store.drop(key);
    this.unstored.delete(key);
  }

  private settle(request: PendingRequest): void {
    this.attempt = 0;
    this.forget(request.key);
    this.queue = this.queue.filter(({ key }) => key !== request.key);
    this.events.emit("change", undefined);
  }
}

/** Milliseconds until the next attempt; null if retrying cannot help. */
function delayOf(error: unknown, attempt: number): number | null {
  if (error instanceof ConnectionLost) return backoffMs(attempt);
  if (!(error instanceof ProblemError)) throw error;
  if (!isPassing(error.problem)) return null;
  const { retry_after_s: seconds } = error.problem;
  return seconds ? seconds * 1000 : backoffMs(attempt);
}
