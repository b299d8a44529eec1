import type { SketchPayload } from "../../ink/payload";
import { backoffMs } from "../../shared/api/backoff";
import type { SearchBody } from "../../shared/api/types";
import { Emitter } from "../../shared/emitter";
import { type Ask, type Filters, NO_FILTERS, queryOf } from "./query";
import { isLost, type Trouble, troubleOf } from "./trouble";

/** The minimum time between two queries while the pen is down. */
const LIVE_INTERVAL_MS = 250;

interface Job {
  readonly epoch: number;
  /** Called when the query is sent, so that a waiting one contains the newest ink. */
  readonly sketch: () => SketchPayload;
  readonly live: boolean;
}

/**
 * Keeps the results in sync with the drawing: one query in flight and at most one waiting, always the newest.
 * Answers to queries that `reset` cancelled are dropped, so results never go back in time.
 */
export class SearchSession {
  readonly events = new Emitter<{ change: undefined }>();
  body: SearchBody | null = null;
  /** The drawing that `body` is of. */
  sketch: SketchPayload | null = null;
  trouble: Trouble | null = null;
  /** The minimum time between any two queries, from the server's limit. */
  minIntervalMs = 0;
  /** Apply from the next query on. */
  filters: Filters = NO_FILTERS;
  private seq = 0;
  private epoch = 0;
  private inFlight = false;
  private waiting: Job | null = null;
  private last: Job | null = null;
  private sentAt = -Infinity;
  private notBefore = -Infinity;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: Ask,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get searching(): boolean {
    return this.inFlight || this.waiting !== null;
  }

  /** Query with the ink; `live` while a stroke is still growing. */
  submit(sketch: () => SketchPayload, { live = false } = {}): void {
    this.waiting = this.last = { epoch: this.epoch, sketch, live };
    this.pump();
  }

  /** Repeat the last query at once: after a network change, a new release, or "try again". */
  again(): void {
    if (!this.last) return;
    this.notBefore = -Infinity;
    this.submit(this.last.sketch);
  }

  /** Clear the results of an empty sheet, and ignore pending answers. */
  reset(): void {
    this.epoch++;
    this.waiting = this.last = null;
    this.body = null;
    this.trouble = null;
    clearTimeout(this.timer);
    this.changed();
  }

  private pump(): void {
    clearTimeout(this.timer);
    const job = this.waiting;
    if (!job || this.inFlight) return;
    const interval = Math.max(this.minIntervalMs, job.live ? LIVE_INTERVAL_MS : 0);
    const wait = Math.max(this.sentAt + interval, this.notBefore) - this.now();
    if (wait > 0) this.timer = setTimeout(() => this.pump(), wait);
    else void this.send(job);
  }

  private async send(job: Job): Promise<void> {
    this.waiting = null;
    this.inFlight = true;
    this.sentAt = this.now();
    this.changed();
    try {
      const sketch = job.sketch();
      const body = await this.ask(queryOf(++this.seq, sketch, this.filters));
      if (job.epoch === this.epoch) this.answered(body, sketch);
    } catch (error) {
      this.failed(job, troubleOf(error));
    } finally {
      this.inFlight = false;
      this.pump();
      this.changed();
    }
  }

  private answered(body: SearchBody, sketch: SketchPayload): void {
    this.failures = 0;
    this.trouble = null;
    this.body = body;
    this.sketch = sketch;
  }

  /** A query of an earlier drawing is dropped, but a lost connection concerns the query that waits, too. */
  private failed(job: Job, trouble: Trouble): void {
    const current = job.epoch === this.epoch ? job : isLost(trouble) ? this.waiting : null;
    if (current) this.refused(current, trouble);
  }

  /** After a lost connection or a busy server the newest query is repeated; an invalid query is not. */
  private refused(job: Job, trouble: Trouble): void {
    this.trouble = trouble;
    const wait = isLost(trouble)
      ? backoffMs(this.failures++)
      : ("seconds" in trouble ? (trouble.seconds ?? 0) : 0) * 1000;
    if (wait === 0) return;
    this.waiting ??= job;
    this.notBefore = this.now() + wait;
  }

  private changed(): void {
    this.events.emit("change", undefined);
  }
}
