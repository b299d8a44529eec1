import { ProblemError } from "../../shared/api/client";
import type { Problem } from "../../shared/api/types";
import { Emitter } from "../../shared/emitter";
import type { Exposure } from "../shell/session/calls";
import { Stopwatch } from "../shell/stopwatch";

export type Step =
  /** Started by the worker. */
  | { readonly kind: "ready"; readonly trouble: Problem | "offline" | null }
  | { readonly kind: "opening" }
  /** Until the photo is on the screen, `endsAt` is unknown. */
  | { readonly kind: "look"; readonly photoUrl: string; readonly totalMs: number; readonly endsAt: number | null }
  | { readonly kind: "draw" };

/** When the photo was on the screen, by this browser's clock, and for how many ms it was visible. */
export interface Shown {
  readonly started_at: string;
  readonly ended_at: string;
  readonly ms: number;
}

interface Deps {
  readonly open: () => Promise<Exposure>;
  /** Report to the server, eventually. */
  readonly close: (shown: Shown) => void;
  readonly warm: (url: string) => Promise<void>;
  /** The photo has been seen earlier, such as before a reload. */
  readonly isSeen?: boolean;
  readonly now?: () => number;
  readonly date?: () => Date;
}

/** One product to draw from memory: an exposure whose times the server signs, then a sheet. */
export class Memory {
  readonly events = new Emitter<{ change: undefined }>();
  step: Step;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private startedAt: Date | null = null;
  private readonly visible: Stopwatch;
  private readonly now: () => number;
  private readonly date: () => Date;

  constructor(private readonly deps: Deps) {
    this.now = deps.now ?? (() => performance.now());
    this.date = deps.date ?? (() => new Date());
    this.visible = new Stopwatch(this.now);
    this.step = deps.isSeen ? { kind: "draw" } : { kind: "ready", trouble: null };
  }

  /** Show the photo for the server's exposure time, from its first frame on the screen (`onScreen`). */
  async look(): Promise<void> {
    if (this.step.kind === "opening" || this.step.kind === "look") return;
    this.go({ kind: "opening" });
    try {
      const { photo_url, exposure_s } = await this.deps.open();
      await this.deps.warm(photo_url);
      this.go({ kind: "look", photoUrl: photo_url, totalMs: exposure_s * 1000, endsAt: null });
    } catch (error) {
      this.go({ kind: "ready", trouble: error instanceof ProblemError ? error.problem : "offline" });
    }
  }

  /** The photo is on the screen: its time starts. */
  onScreen(): void {
    if (this.step.kind !== "look" || this.step.endsAt !== null) return;
    const { totalMs } = this.step;
    this.startedAt = this.date();
    this.visible.restart();
    this.go({ ...this.step, endsAt: this.now() + totalMs });
    this.timer = setTimeout(() => this.hide(), totalMs);
  }

  /** The tab was hidden or came back: time out of sight does not count as shown. */
  onVisibility(isHidden: boolean): void {
    if (this.step.kind !== "look" || this.step.endsAt === null) return;
    if (isHidden) this.visible.pause();
    else this.visible.go();
  }

  /** Seconds left to look, rounded up. */
  get secondsLeft(): number {
    if (this.step.kind !== "look") return 0;
    const { endsAt, totalMs } = this.step;
    return endsAt === null ? Math.ceil(totalMs / 1000) : Math.max(0, Math.ceil((endsAt - this.now()) / 1000));
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private hide(): void {
    const ended = this.date();
    const started = this.startedAt ?? ended;
    // A clock that was set meanwhile must not end before it starts.
    const ms = this.visible.ms;
    const ended_at = ended < started ? new Date(started.getTime() + ms) : ended;
    this.go({ kind: "draw" });
    this.deps.close({ started_at: started.toISOString(), ended_at: ended_at.toISOString(), ms });
  }

  private go(step: Step): void {
    this.step = step;
    this.events.emit("change", undefined);
  }
}
