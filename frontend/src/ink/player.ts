import { Replay } from "./replay";
import type { Drawing } from "./types";

export interface PlayerHooks {
  /** A frame is due. */
  readonly frame: () => void;
  /** One more stroke is finished. */
  readonly stroke: () => void;
  /** The replay is complete, or was skipped. */
  readonly done: () => void;
}

/** Plays a drawing with its original timing on the browser's frame clock. */
export class Player {
  private readonly replay: Replay;
  private start: number | null = null;
  private handle = 0;
  private now = 0;
  private shown = 0;

  constructor(
    drawing: Drawing,
    private readonly hooks: PlayerHooks,
  ) {
    this.replay = new Replay(drawing);
    this.handle = requestAnimationFrame(this.tick);
  }

  get scene(): ReturnType<Replay["at"]> {
    return this.replay.at(this.now);
  }

  get progress(): number {
    return this.replay.durationMs > 0 ? Math.min(1, this.now / this.replay.durationMs) : 1;
  }

  skip(): void {
    cancelAnimationFrame(this.handle);
    this.hooks.done();
  }

  private readonly tick = (clock: number): void => {
    this.start ??= clock;
    this.now = clock - this.start;
    if (this.now >= this.replay.durationMs) return this.hooks.done();
    const finished = this.scene.strokes.length;
    if (finished > this.shown) this.hooks.stroke();
    this.shown = finished;
    this.hooks.frame();
    this.handle = requestAnimationFrame(this.tick);
  };
}
