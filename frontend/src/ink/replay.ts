import type { Drawing, InkPoint, Stroke } from "./types";

/** Pauses are shortened to this. */
const MAX_PAUSE_MS = 350;
/** Maximum length of a replay; a slow drawing is sped up. */
const MAX_TOTAL_MS = 12_000;
/** The pace of a drawing without real times. */
const MIN_POINT_MS = 4;

/** A drawing with the time at which each of its points appears. */
export class Replay {
  readonly durationMs: number;
  private readonly times: number[][];
  private cache: { done: number; strokes: Drawing; live: Stroke & { points: InkPoint[] } } | null = null;

  constructor(readonly drawing: Drawing) {
    let clock = 0;
    let last: number | null = null;
    this.times = drawing.map(({ points }) =>
      points.map(({ t }) => {
        clock += last === null ? 0 : Math.min(MAX_PAUSE_MS, Math.max(MIN_POINT_MS, t - last));
        last = t;
        return clock;
      }),
    );
    const speed = Math.min(1, MAX_TOTAL_MS / Math.max(1, clock));
    this.times = this.times.map((stroke) => stroke.map((time) => time * speed));
    this.durationMs = clock * speed;
  }

  /** What is on the sheet at `ms`: finished strokes and the one being drawn (the same object as it grows). */
  at(ms: number): { strokes: Drawing; live: Stroke | null } {
    const started = this.times.findIndex((stroke) => stroke[stroke.length - 1] > ms);
    if (started === -1) return { strokes: this.drawing, live: null };
    const count = this.times[started].filter((time) => time <= ms).length;
    const { points } = this.drawing[started];
    if (this.cache?.done !== started || this.cache.live.points.length > count) {
      const live = { ...this.drawing[started], points: [] };
      this.cache = { done: started, strokes: this.drawing.slice(0, started), live };
    }
    const { strokes, live } = this.cache;
    live.points.push(...points.slice(live.points.length, count));
    return { strokes, live: count > 0 ? live : null };
  }
}
