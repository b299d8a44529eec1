import { Emitter } from "../shared/emitter";
import { touches } from "./geometry";
import { History, type Steps } from "./history";
import type { Drawing, InkPoint, Stroke } from "./types";
import type { Viewport } from "./viewport";

export type ToolName = "pen" | "eraser";
export type ChangeReason = "stroke" | "erase" | "undo" | "redo" | "clear" | "load" | "restore";

export interface EditorEvents {
  /** The drawing was replaced. */
  drawing: { readonly reason: ChangeReason };
  /** The stroke in progress grew, ended or was dropped. */
  live: undefined;
  /** The view, the tool, the brush or the eraser's marks changed. */
  view: undefined;
}

const PAUSE_MS = 400;

/** The model behind the canvas: drawing, history, stroke in progress. Independent of DOM and pixels. */
export class Editor {
  readonly events = new Emitter<EditorEvents>();
  readonly doomed = new Set<Stroke>();
  private readonly history = new History();
  private growing: { points: InkPoint[]; width: number; pressed: boolean } | null = null;
  private epoch: number | null = null;
  private toolName: ToolName = "pen";
  private brushWidth = 6;
  private view: Viewport = { scale: 1, x: 0, y: 0 };

  get drawing(): Drawing {
    return this.history.present;
  }

  /** The stroke in progress; its points array grows in place. */
  get live(): Stroke | null {
    return this.growing;
  }

  get liveMs(): number {
    const points = this.growing?.points;
    return points ? points[points.length - 1].t - points[0].t : 0;
  }

  /** The ink for a search: committed strokes and a copy of the one in progress (measurements are cached by stroke). */
  get ink(): Drawing {
    return this.growing ? [...this.drawing, { ...this.growing }] : this.drawing;
  }

  get steps(): Steps {
    return this.history.steps;
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  get tool(): ToolName {
    return this.toolName;
  }

  set tool(tool: ToolName) {
    this.toolName = tool;
    this.events.emit("view", undefined);
  }

  get brush(): number {
    return this.brushWidth;
  }

  set brush(width: number) {
    this.brushWidth = width;
    this.events.emit("view", undefined);
  }

  get viewport(): Viewport {
    return this.view;
  }

  set viewport(view: Viewport) {
    this.view = view;
    this.events.emit("view", undefined);
  }

  /** `clock` is any running clock in ms; the stored time counts from the drawing's first point. */
  beginStroke(x: number, y: number, clock: number, pressure: number, pressed: boolean): void {
    this.growing = { points: [], width: this.brushWidth, pressed };
    this.extendStroke(x, y, clock, pressure);
  }

  extendStroke(x: number, y: number, clock: number, pressure: number): void {
    if (!this.growing) return;
    const { points } = this.growing;
    const last = points[points.length - 1];
    if (last && last.x === x && last.y === y) return;
    points.push({ x, y, t: this.time(clock), pressure });
    this.events.emit("live", undefined);
  }

  endStroke(): void {
    const stroke = this.growing;
    if (!stroke) return;
    this.growing = null;
    this.commit([...this.drawing, stroke], "stroke");
  }

  dropStroke(): void {
    if (!this.growing) return;
    this.growing = null;
    this.events.emit("live", undefined);
  }

  /** Mark strokes that the eraser touches on its way from a to b; `erase` then removes them in one step. */
  doom(a: { x: number; y: number }, b: { x: number; y: number }, reach: number): void {
    const before = this.doomed.size;
    for (const stroke of this.drawing) {
      if (!this.doomed.has(stroke) && touches(stroke, a, b, reach)) this.doomed.add(stroke);
    }
    if (this.doomed.size !== before) this.events.emit("view", undefined);
  }

  erase(): void {
    const kept = this.drawing.filter((stroke) => !this.doomed.has(stroke));
    this.spare();
    if (kept.length !== this.drawing.length) this.commit(kept, "erase");
  }

  spare(): void {
    if (this.doomed.size === 0) return;
    this.doomed.clear();
    this.events.emit("view", undefined);
  }

  undo(): void {
    if (this.history.undo()) this.changed("undo");
  }

  redo(): void {
    if (this.history.redo()) this.changed("redo");
  }

  clear(): void {
    if (this.drawing.length > 0) this.commit([], "clear");
  }

  /** Replace the drawing; undo restores the old one. */
  load(drawing: Drawing): void {
    this.commit(drawing, "load");
  }

  /** Load a draft or a shared sketch, with its history if that was kept. */
  restore(drawing: Drawing, { past, future }: Pick<Steps, "past" | "future"> = { past: [], future: [] }): void {
    this.history.reset({ past, now: drawing, future });
    this.changed("restore");
  }

  private commit(next: Drawing, reason: ChangeReason): void {
    this.history.push(next);
    this.changed(reason);
  }

  private changed(reason: ChangeReason): void {
    this.growing = null;
    this.doomed.clear();
    if (reason === "load" || reason === "restore" || this.drawing.length === 0) this.epoch = null;
    this.events.emit("drawing", { reason });
  }

  /** Time since the drawing's first point; loaded ink is continued after a short pause. */
  private time(clock: number): number {
    const last = this.lastTime();
    this.epoch ??= last === null ? clock : clock - last - PAUSE_MS;
    return Math.max(last ?? 0, Math.round(clock - this.epoch));
  }

  private lastTime(): number | null {
    const strokes = this.ink;
    for (let i = strokes.length - 1; i >= 0; i--) {
      const { points } = strokes[i];
      if (points.length > 0) return points[points.length - 1].t;
    }
    return null;
  }
}
