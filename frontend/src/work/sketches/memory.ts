import { ProblemError } from "../../shared/api/client";
import type { Problem } from "../../shared/api/types";
import { Emitter } from "../../shared/emitter";
import type { Exposure } from "../shell/session/calls";

export type Step =
  /** Started by the worker. */
  | { readonly kind: "ready"; readonly trouble: Problem | "offline" | null }
  | { readonly kind: "opening" }
  | { readonly kind: "look"; readonly photoUrl: string; readonly totalMs: number; readonly endsAt: number }
  | { readonly kind: "draw" };

interface Deps {
  readonly open: () => Promise<Exposure>;
  /** Report to the server, eventually. */
  readonly close: () => void;
  readonly warm: (url: string) => Promise<void>;
  readonly now?: () => number;
}

/** One product to draw from memory: an exposure whose start and end the server signs, then a blank sheet. */
export class Memory {
  readonly events = new Emitter<{ change: undefined }>();
  step: Step = { kind: "ready", trouble: null };
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly now: () => number;

  constructor(private readonly deps: Deps) {
    this.now = deps.now ?? (() => performance.now());
  }

  /** Show the photo for the server's exposure time, from its first frame on the screen. */
  async look(): Promise<void> {
    if (this.step.kind === "opening" || this.step.kind === "look") return;
    this.go({ kind: "opening" });
    try {
      const { photo_url, exposure_s } = await this.deps.open();
      await this.deps.warm(photo_url);
      const totalMs = exposure_s * 1000;
      this.go({ kind: "look", photoUrl: photo_url, totalMs, endsAt: this.now() + totalMs });
      this.timer = setTimeout(() => this.hide(), totalMs);
    } catch (error) {
      this.go({ kind: "ready", trouble: error instanceof ProblemError ? error.problem : "offline" });
    }
  }

  /** Seconds left to look, rounded up. */
  get secondsLeft(): number {
    return this.step.kind === "look" ? Math.max(0, Math.ceil((this.step.endsAt - this.now()) / 1000)) : 0;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private hide(): void {
    this.go({ kind: "draw" });
    this.deps.close();
  }

  private go(step: Step): void {
    this.step = step;
    this.events.emit("change", undefined);
  }
}
