import type { SketchPayload } from "../../ink/payload";
import { backoffMs } from "../../shared/api/backoff";
import type { SearchBody } from "../../shared/api/types";
import { Emitter } from "../../shared/emitter";
import { type Ask, RESULTS_WANTED } from "./query";
import { type Trouble, troubleOf } from "./trouble";

/** The least time between two questions while the pen is down. */
const LIVE_INTERVAL_MS = 250;

interface Job {
  readonly epoch: number;
  /** Called when the question is sent, so that a waiting one carries the newest ink. */
  readonly sketch: () => SketchPayload;
  readonly live: boolean;
}

/**
 * Keeps the results in step with the drawing: one question in flight and at most one waiting, which is always the newest.
 * Answers to questions that `reset` made void are dropped, so results never go back in time.
 */
export class SearchSession {
  readonly events = new Emitter<{ change: undefined }>();
  body: SearchBody | null = null;
  trouble: Trouble | null = null;
  /** The least time between any two questions, from the server's limit. */
  minIntervalMs = 0;
  private category: string | null = null;
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

  /** Asks about the ink; `live` while a stroke is still growing. */
  submit(sketch: () => SketchPayload, { live = false } = {}): void {
    this.waiting = this.last = { epoch: this.epoch, sketch, live };
    this.pump();
  }

  /** Only products of this category from now on; asks again about the same ink. */
  narrow(category: string | null): void {
    this.category = category;
    this.again();
  }

  /** Asks the last question anew, at once: after a network change, a new release, a press on "try again". */
  again(): void {
    if (!this.last) return;
    this.notBefore = -Infinity;
    this.submit(this.last.sketch);
  }

  /** The sheet is empty: no results, and none of the answers on their way counts. */
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
      const query = { seq: ++this.seq, sketch: job.sketch(), k: RESULTS_WANTED, category: this.category };
      const body = await this.ask(query);
      if (job.epoch === this.epoch) this.answered(body);
    } catch (error) {
      if (job.epoch === this.epoch) this.refused(job, troubleOf(error));
    } finally {
      this.inFlight = false;
      this.pump();
      this.changed();
    }
  }

  private answered(body: SearchBody): void {
    this.failures = 0;
    this.trouble = null;
    this.body = body;
  }

  /** A lost connection and a busy server pass: the newest question is asked again. A bad question stays bad. */
  private refused(job: Job, trouble: Trouble): void {
    this.trouble = trouble;
    const wait = trouble.kind === "offline" ? backoffMs(this.failures++) : (trouble.seconds ?? 0) * 1000;
    if (wait === 0) return;
    this.waiting ??= job;
    this.notBefore = this.now() + wait;
  }

  private changed(): void {
    this.events.emit("change", undefined);
  }
}
