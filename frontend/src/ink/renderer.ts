import { outline, strokePath, trace } from "./outline";
import type { Drawing, InkPoint, Stroke } from "./types";
import type { Viewport } from "./viewport";

/** Everything that one frame shows. */
export interface Scene {
  readonly strokes: Drawing;
  readonly live: Stroke | null;
  readonly doomed: ReadonlySet<Stroke>;
  readonly view: Viewport;
  /** The keyboard's pen in page units, null if unused. */
  readonly cursor: { readonly x: number; readonly y: number; readonly down: boolean } | null;
}

/** A growing stroke keeps at most this many points soft; older ones are painted permanently. */
const SOFT_POINTS = 160;
/** Points painted both permanently and softly, so that the join is invisible. */
const OVERLAP = 40;
const DOOMED_ALPHA = 0.2;

/**
 * Paints a scene on two canvases: firm ink below, the growing stroke above.
 * A frame paints only what is new: a finished stroke is added without repainting the sheet, and only the soft end of a long
 * stroke is redrawn.
 */
export class Renderer {
  private readonly firm: CanvasRenderingContext2D;
  private readonly soft: CanvasRenderingContext2D;
  private ratio = 1;
  private painted: { strokes: Drawing; view: Viewport; doomed: number } | null = null;
  private baked: { stroke: Stroke; upTo: number } | null = null;
  private softDirty = false;

  constructor(
    private readonly firmCanvas: HTMLCanvasElement,
    private readonly softCanvas: HTMLCanvasElement,
    private readonly colours: () => { ink: string; accent: string },
  ) {
    this.firm = context(firmCanvas);
    this.soft = context(softCanvas);
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    for (const canvas of [this.firmCanvas, this.softCanvas]) {
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
    }
    this.forget();
  }

  /** Repaint everything in the next frame, such as when colours change. */
  forget(): void {
    this.painted = null;
    this.softDirty = true;
  }

  paint(scene: Scene): void {
    const dropped =
      this.baked !== null && this.baked.stroke !== scene.live && !scene.strokes.includes(this.baked.stroke);
    if (dropped) this.forget();
    this.paintFirm(scene);
    this.paintSoft(scene);
  }

  private paintFirm({ strokes, view, doomed }: Scene): void {
    const known = this.painted;
    const grows =
      known !== null &&
      known.view === view &&
      known.doomed === doomed.size &&
      known.strokes.length <= strokes.length &&
      known.strokes.every((stroke, i) => stroke === strokes[i]);
    if (!grows) {
      clear(this.firm);
      this.baked = null;
    }
    this.place(this.firm, view);
    for (let i = grows ? known.strokes.length : 0; i < strokes.length; i++) {
      this.firm.globalAlpha = doomed.has(strokes[i]) ? DOOMED_ALPHA : 1;
      this.paintFinished(strokes[i]);
    }
    this.firm.globalAlpha = 1;
    this.painted = { strokes, view, doomed: doomed.size };
  }

  /** A long stroke was painted as it grew and lacks only its end; its complete outline is not computed in its last frame. */
  private paintFinished(stroke: Stroke): void {
    const { baked } = this;
    if (baked?.stroke === stroke && baked.upTo > 0) {
      this.fill(this.firm, stroke.points.slice(Math.max(0, baked.upTo - OVERLAP)), stroke, true);
    } else this.firm.fill(strokePath(stroke));
  }

  private paintSoft({ live, view, cursor }: Scene): void {
    if (!live && !cursor && !this.softDirty) return;
    clear(this.soft);
    this.softDirty = Boolean(live ?? cursor);
    this.place(this.soft, view);
    if (live) this.paintLive(live);
    else this.baked = null;
    if (cursor) this.paintCursor(cursor, view);
  }

  private paintLive(live: Stroke): void {
    if (this.baked?.stroke !== live) this.baked = { stroke: live, upTo: 0 };
    const { points } = live;
    if (points.length - this.baked.upTo > SOFT_POINTS) {
      const upTo = points.length - OVERLAP;
      this.fill(this.firm, points.slice(Math.max(0, this.baked.upTo - OVERLAP), upTo), live, false);
      this.baked.upTo = upTo;
    }
    this.fill(this.soft, points.slice(Math.max(0, this.baked.upTo - OVERLAP)), live, false);
  }

  private fill(target: CanvasRenderingContext2D, points: readonly InkPoint[], nib: Stroke, last: boolean): void {
    target.fill(trace(outline(points, nib, last)));
  }

  private paintCursor({ x, y, down }: NonNullable<Scene["cursor"]>, view: Viewport): void {
    const unit = 1 / view.scale;
    const arm = 14 * unit;
    const gap = 4 * unit;
    const ink = this.soft;
    ink.strokeStyle = this.colours().accent;
    ink.lineWidth = 2 * unit;
    ink.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      ink.moveTo(x + dx * gap, y + dy * gap);
      ink.lineTo(x + dx * arm, y + dy * arm);
    }
    if (down) {
      ink.moveTo(x + gap * 2, y);
      ink.arc(x, y, gap * 2, 0, 2 * Math.PI);
    }
    ink.stroke();
  }

  private place(target: CanvasRenderingContext2D, { scale, x, y }: Viewport): void {
    const ratio = this.ratio;
    target.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
    target.fillStyle = this.colours().ink;
  }
}

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const found = canvas.getContext("2d");
  if (!found) throw new Error("canvas: the browser offers no 2D context");
  return found;
}

function clear(target: CanvasRenderingContext2D): void {
  target.setTransform(1, 0, 0, 1, 0, 0);
  target.clearRect(0, 0, target.canvas.width, target.canvas.height);
}
