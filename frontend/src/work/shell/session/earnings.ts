import { backoffMs } from "../../../shared/api/backoff";
import { ConnectionLost, isPassing, ProblemError } from "../../../shared/api/client";
import type { Ended, Problem, Standing } from "../../../shared/api/types";
import type { Calls } from "./calls";
import type { Item } from "./types";

/** Whose earnings they are. */
export interface Worker {
  readonly isFinished: boolean;
  /** They end early or have left, so that they hold nothing, not even what is being claimed right now. */
  readonly hasLeft: boolean;
  changed(): void;
}

/** What a worker has earned in one campaign: the credited answers, and the code, which is requested until it is there. */
export class Earnings {
  /** Answers towards the required ones: not practice. */
  credited = 0;
  /** The server's view of the worker, once everything is confirmed. */
  standing: Standing | null = null;
  /** Why the code is not there although it is due; it is requested again. */
  trouble: Problem | "offline" | null = null;
  readonly receipts: string[] = [];
  private retry: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private isSettling = false;
  private isTallying = false;

  constructor(
    private readonly calls: Pick<Calls<Item>, "me" | "complete">,
    private readonly outbox: { readonly waiting: number },
    private readonly worker: Worker,
    private readonly required: number,
    /** The last ending that the worker was told, with its code. They may still continue. */
    public ended: Ended | null,
  ) {}

  /** Enough answers are credited for the code, as the server says, and it has not been requested. */
  get isCodeDue(): boolean {
    return this.isEnough && this.standing?.standing.earned === "finished" && this.ended?.ending !== "finished";
  }

  /** Ask the server whether the code is due, once enough answers seem to be credited: one that came too late is not. */
  async tally(): Promise<void> {
    if (!this.isEnough || this.standing?.standing.earned || this.ended?.ending === "finished") return;
    if (this.worker.isFinished || this.outbox.waiting > 0 || this.isTallying) return;
    this.isTallying = true;
    const before = this.credited;
    try {
      this.standing = await this.calls.me();
      this.credited += this.standing.n_credited - before;
      this.worker.changed();
    } catch (error) {
      // Asked again after the next answer.
      if (!(error instanceof ConnectionLost || error instanceof ProblemError)) throw error;
    } finally {
      this.isTallying = false;
    }
  }

  /** Once the work is finished and everything is confirmed: what has been earned? The code, if it is due, is requested. */
  async settle(): Promise<void> {
    if (!this.worker.isFinished || this.outbox.waiting > 0 || this.isSettling) return;
    this.isSettling = true;
    try {
      this.standing = await this.calls.me();
      this.credited = this.standing.n_credited;
      this.trouble = null;
    } catch (error) {
      return this.failed(error, () => void this.settle());
    } finally {
      this.isSettling = false;
    }
    const { standing, ended, blocked } = this.standing;
    this.ended = ended.ending ? ended : this.ended;
    this.worker.changed();
    if (blocked || (standing.earned && standing.earned !== ended.ending)) this.request();
  }

  /** Request the code of the ending that applies. */
  request(): void {
    this.calls.complete(this.receipts, this.worker.hasLeft).then(
      (ended) => {
        this.ended = ended;
        this.trouble = null;
        this.attempt = 0;
        this.worker.changed();
      },
      (error) => this.failed(error, () => this.request()),
    );
  }

  private get isEnough(): boolean {
    return this.required > 0 && this.credited >= this.required;
  }

  private failed(error: unknown, again: () => void): void {
    if (!(error instanceof ConnectionLost || error instanceof ProblemError)) throw error;
    this.trouble = error instanceof ProblemError ? error.problem : "offline";
    clearTimeout(this.retry);
    if (error instanceof ConnectionLost || isPassing(error.problem))
      this.retry = setTimeout(again, backoffMs(this.attempt++));
    this.worker.changed();
  }
}
