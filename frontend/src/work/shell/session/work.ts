import { backoffMs } from "../../../shared/api/backoff";
import { ConnectionLost, isPassing, ProblemError } from "../../../shared/api/client";
import type { Ended, Feedback, Obstacle, Problem, Receipt, Standing, WorkCampaign } from "../../../shared/api/types";
import { Emitter } from "../../../shared/emitter";
import type { Calls } from "./calls";
import { Earnings, type Worker } from "./earnings";
import type { Outbox } from "./outbox";
import type { Panel } from "./panel";
import type { PendingRequest } from "./pendingRequests";
import type { PrefetchQueue } from "./prefetchQueue";
import { type SheetStore, sheetStore } from "./sheets";
import type { Item } from "./types";

/** Why no item is shown: something is in the way, or the worker stopped. */
export type Why = Exclude<Obstacle, "" | "blocked" | "unqualified"> | "left";

export type Phase<A extends Item> =
  | { readonly kind: "welcome" }
  | { readonly kind: "loading" }
  | { readonly kind: "item"; readonly item: A }
  /** A training answer is being checked. */
  | { readonly kind: "checking"; readonly item: A }
  | { readonly kind: "feedback"; readonly item: A; readonly feedback: Feedback }
  | { readonly kind: "break" }
  /** Nothing left to show until the server can be reached. */
  | { readonly kind: "away" }
  | { readonly kind: "finished"; readonly why: Why }
  /** The worker may not continue. */
  | { readonly kind: "stopped"; readonly standing: Standing }
  | { readonly kind: "problem"; readonly problem: Problem };

export interface WorkEvents {
  change: undefined;
  announcement: "saved" | "undone" | "refused";
}

/** A lease is renewed when less than this is left. */
const RENEW_MS = 75_000;
/** How often a page that waits for others looks for new items. */
const LOOK_MS = [2_000, 5_000, 10_000, 20_000] as const;

interface Answered<A> {
  readonly item: A;
  /** Skipping is not an answer: it does not count towards breaks or the cap. */
  readonly isAnswer: boolean;
  /** What it adds to the credited answers. */
  readonly credit: number;
}

/** One worker in one campaign: the current item, the answers, breaks, and the end. */
export class Work<A extends Item> implements Worker {
  readonly events = new Emitter<WorkEvents>();
  phase: Phase<A>;
  /** Answers of this session, practice included. */
  done = 0;
  cap = 0;
  readonly earnings: Earnings;
  private isLeaving = false;
  private answered: Answered<A>[] = [];
  private checkedKey: string | null = null;
  private isDry = false;
  private hasStarted = false;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly campaign: WorkCampaign,
    readonly outbox: Outbox<Partial<Receipt>>,
    private readonly prefetchQueue: PrefetchQueue<A>,
    readonly calls: Calls<A>,
    isJoined: boolean,
    ended: Ended | null = null,
    /** What is being filled in. */
    readonly sheets: SheetStore = sheetStore(campaign.id, null),
  ) {
    const { required_answers: required } = campaign.terms;
    this.earnings = new Earnings(calls, outbox, this, required, ended?.ending ? ended : null);
    this.phase = { kind: isJoined ? "loading" : "welcome" };
    outbox.events.on("delivered", ({ request, reply }) => this.onReceipt(request, reply));
    outbox.events.on("refused", ({ request }) => this.onRefusal(request));
    outbox.events.on("locked", () => this.onLocked());
    outbox.events.on("change", () => this.onOutbox());
    if (isJoined) void this.advance();
  }

  get item(): A | null {
    return "item" in this.phase ? this.phase.item : null;
  }

  get isFinished(): boolean {
    return this.phase.kind === "finished";
  }

  get hasLeft(): boolean {
    return this.isLeaving || (this.phase.kind === "finished" && this.phase.why === "left");
  }

  get canUndo(): boolean {
    return this.answered.length > 0 && (this.phase.kind === "item" || this.phase.kind === "break");
  }

  async join(panel: Panel | null): Promise<void> {
    this.show({ kind: "loading" });
    try {
      await this.calls.join(panel);
    } catch (error) {
      return this.trouble(error, () => void this.join(panel));
    }
    void this.outbox.flush();
    await this.advance();
  }

  /** Answer the current item; an answer to any other is too late (the second click of a double click). */
  answer(item: A, action: string, body: object, isAnswer = true): void {
    if (this.phase.kind !== "item" || this.phase.item.id !== item.id) return;
    const key = this.outbox.post(pathOf(item.id, action), body);
    if (isAnswer) this.done++;
    const credit = item.training ? 0 : creditOf(body);
    this.earnings.credited += credit;
    if (item.training) {
      this.checkedKey = key;
      return this.show({ kind: "checking", item });
    }
    const { break_every, undo_steps } = this.campaign;
    this.answered = undo_steps > 0 ? [...this.answered, { item, isAnswer, credit }].slice(-undo_steps) : [];
    if (this.cap > 0 && this.done >= this.cap) this.rest("session");
    else if (isAnswer && break_every > 0 && this.done % break_every === 0) this.show({ kind: "break" });
    else void this.advance();
  }

  /** Undo the last answer, as a new row, and show its item again. */
  undo(): void {
    const last = this.canUndo ? this.answered.pop() : undefined;
    if (!last) return;
    const { item, isAnswer, credit } = last;
    if (this.phase.kind === "item") this.prefetchQueue.putBack(this.phase.item);
    this.outbox.post(pathOf(item.id, "undo"), {});
    if (isAnswer) this.done--;
    this.earnings.credited -= credit;
    this.show({ kind: "item", item });
    this.events.emit("announcement", "undone");
  }

  /** Continue after feedback, a break, or the end. */
  goOn(): void {
    if (this.phase.kind === "finished") this.hasStarted = false; // a new session may have begun
    // What was being claimed when the worker left has been returned since; an answer to it would be late.
    if (this.phase.kind === "finished" && this.phase.why === "left") this.prefetchQueue.clear();
    this.isDry = false;
    void this.advance();
  }

  /** End the participation early, for the pay that is stated for it. */
  endHere(): void {
    this.isLeaving = true;
    this.earnings.request();
  }

  /** Ask for the standing and the code again. */
  askAgain(): void {
    if (this.isLeaving) this.earnings.request();
    else void this.earnings.settle();
  }

  /** Stop working; claimed items are released to others. */
  leave(): void {
    for (const { id } of [...this.shown(), ...this.prefetchQueue.clear()]) this.outbox.post(pathOf(id, "return"), {});
    this.answered = [];
    this.rest("left");
  }

  /** Called periodically while the page is used: renew leases that end soon; drop items whose lease is lost. */
  async tick(now = Date.now()): Promise<void> {
    for (const item of [...this.shown(), ...this.prefetchQueue.upcoming]) {
      if (Date.parse(item.lease_expires_at) - now > RENEW_MS) continue;
      try {
        const { lease_expires_at } = await this.calls.renew(item.id);
        Object.assign(item, { lease_expires_at });
      } catch (error) {
        if (!(error instanceof ProblemError) || isPassing(error.problem)) return;
        this.prefetchQueue.drop(item.id);
        if (this.shown().includes(item)) await this.advance();
      }
    }
  }

  /** Send the refused answers again, such as after signing in. */
  sendAgain(): void {
    for (const request of this.outbox.sendAgain()) this.count(request, 1);
    this.changed();
  }

  /** Join again, as whoever this browser can prove to be; what is shown, such as a drawing, is not interrupted before. */
  signIn(): void {
    this.prefetchQueue.clear();
    this.answered = [];
    this.show({ kind: "welcome" });
  }

  /** The connection may be back. */
  reconnect(): void {
    void this.outbox.flush();
    if (this.phase.kind !== "away") return;
    clearTimeout(this.retry);
    void this.advance();
  }

  private shown(): readonly A[] {
    return this.phase.kind === "item" ? [this.phase.item] : [];
  }

  /** Assignments that the server may still consider unanswered. */
  private readonly elsewhere = (): readonly number[] => [
    ...(this.item ? [this.item.id] : []),
    ...this.outbox.pending.map(assignmentOf),
    ...this.outbox.refused.map(({ request }) => assignmentOf(request)),
  ];

  private async advance(): Promise<void> {
    const item = this.prefetchQueue.take();
    if (!item) {
      if (this.phase.kind !== "away") this.show({ kind: "loading" });
      return this.topUp();
    }
    if (!this.hasStarted) this.start(item);
    this.show({ kind: "item", item });
    if (!this.isDry && this.prefetchQueue.isLow) await this.topUp();
  }

  private start({ session, credited }: A): void {
    this.hasStarted = true;
    this.cap = session.cap;
    this.done = session.done;
    this.earnings.credited = credited;
    for (const request of this.outbox.pending) this.count(request, 1);
    void this.earnings.tally();
  }

  private count(request: PendingRequest, times: 1 | -1): void {
    this.done += times * weightOf(request);
    if (isAnswer(request) && request.key !== this.checkedKey) this.earnings.credited += times * creditOf(request.body);
  }

  private async topUp(): Promise<void> {
    const isWaiting = () => this.phase.kind === "loading" || this.phase.kind === "away";
    try {
      // A claim that started while answers were pending proves nothing.
      const mayBeLast = isWaiting() && this.outbox.waiting === 0 && !this.prefetchQueue.isFilling;
      const count = await this.prefetchQueue.fill(this.elsewhere);
      this.attempt = 0;
      this.isDry = count === 0;
      if (!isWaiting()) return;
      if (this.prefetchQueue.upcoming.length > 0) await this.advance();
      else if (mayBeLast) await this.end();
      // Pending answers may unlock more items, such as the work after training.
      else if (this.outbox.waiting === 0) await this.topUp();
    } catch (error) {
      await this.trouble(error, () => void this.topUp());
    }
  }

  private async trouble(error: unknown, again: () => void): Promise<void> {
    if (!(error instanceof ConnectionLost || error instanceof ProblemError)) throw error;
    const isIdle = this.phase.kind === "loading" || this.phase.kind === "away";
    if (error instanceof ConnectionLost || isPassing(error.problem)) {
      clearTimeout(this.retry);
      this.retry = setTimeout(again, backoffMs(this.attempt++));
      if (isIdle) this.show({ kind: "away" });
    } else if (isIdle) await this.refused(error.problem);
  }

  private async refused(problem: Problem): Promise<void> {
    if (problem.status === 401) return this.show({ kind: "welcome" });
    const standing = problem.status === 403 ? await this.calls.me().catch(() => null) : null;
    if (standing && (standing.blocked || !standing.qualified)) this.stop(standing);
    else this.show({ kind: "problem", problem });
  }

  private onReceipt(request: PendingRequest, { receipt, feedback }: Partial<Receipt>): void {
    const { key } = request;
    if (receipt) this.earnings.receipts.push(receipt);
    if (isAnswer(request) && key !== this.checkedKey) this.events.emit("announcement", "saved");
    if (this.phase.kind !== "checking" || key !== this.checkedKey) return;
    const { item } = this.phase;
    if (feedback) this.show({ kind: "feedback", item, feedback });
    else void this.advance();
  }

  /** A refused answer is kept and shown; a refused return concerns nobody. */
  private onRefusal(request: PendingRequest): void {
    if (request.path.endsWith("/return")) return this.outbox.discard(request.key);
    this.count(request, -1);
    this.events.emit("announcement", "refused");
    if (this.phase.kind === "checking" && request.key === this.checkedKey) void this.advance();
  }

  /** The token is gone: cookies were deleted, or the work has moved to another browser. Everything unsent is kept. */
  private onLocked(): void {
    if (this.phase.kind === "checking") this.signIn();
  }

  /** No more items are assigned: everything is done, something is in the way, or the worker may not continue. */
  private async end(): Promise<void> {
    const standing = await this.calls.me();
    if (standing.blocked || !standing.qualified) this.stop(standing);
    else this.rest(whyOf(standing));
  }

  private rest(why: Why): void {
    this.isLeaving = false;
    this.show({ kind: "finished", why });
    void this.earnings.settle();
    if (why === "waiting" || why === "paused") this.look();
  }

  private stop(standing: Standing): void {
    this.earnings.standing = standing;
    this.show({ kind: "stopped", standing });
    this.earnings.request();
  }

  private onOutbox(): void {
    this.changed();
    if (this.outbox.waiting > 0) return;
    if (this.phase.kind === "loading") void this.topUp();
    void this.earnings.settle();
    void this.earnings.tally();
  }

  /** Continue by itself when items appear, such as the next pairs, which are being chosen: soon, then less often. */
  private look(times = 0): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(
      () => {
        if (this.phase.kind !== "finished" || this.phase.why === "left") return;
        this.prefetchQueue.fill(this.elsewhere).then(
          (count) => (count > 0 ? this.goOn() : this.look(times + 1)),
          () => this.look(times + 1),
        );
      },
      LOOK_MS[Math.min(times, LOOK_MS.length - 1)],
    );
  }

  /** What is shown has changed. */
  changed(): void {
    this.events.emit("change", undefined);
  }

  private show(phase: Phase<A>): void {
    this.phase = phase;
    this.changed();
  }
}

function whyOf({ standing: { obstacle } }: Standing): Why {
  // Without an obstacle, an item has become free since the claim.
  return obstacle === "" || obstacle === "blocked" || obstacle === "unqualified" ? "waiting" : obstacle;
}

function pathOf(assignment: number, action: string): string {
  return `assignments/${assignment}/${action}`;
}

function assignmentOf({ path }: PendingRequest): number {
  return Number(path.split("/")[1]);
}

function isAnswer({ path }: PendingRequest): boolean {
  return /\/(?:vote|attributes|sketch)$/.test(path);
}

/** What a request adds to the number of answers: skipping is none. */
function weightOf(request: PendingRequest): number {
  const body = request.body as { readonly choice?: string; readonly skip?: boolean };
  return isAnswer(request) && body.choice !== "skip" && !body.skip ? 1 : 0;
}

/** What an answer that is no practice adds to the credited ones. */
function creditOf(body: object): number {
  const { choice, skip, cant } = body as { readonly choice?: string; readonly skip?: boolean; readonly cant?: boolean };
  return choice === "skip" || skip || cant ? 0 : 1;
}
