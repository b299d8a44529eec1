import type { Editor } from "./editor";
import type { Sample } from "./input";
import { pinched } from "./viewport";

const TAP_MS = 350;
const TAP_SLOP_PX = 14;

interface Spot {
  x: number;
  y: number;
}

/** Two or more fingers on the sheet: they pan and zoom it, or tap (two: undo, three: redo). */
export class Fingers {
  private readonly spots = new Map<number, Spot>();
  private readonly since: number;
  private most = 0;
  private moved: boolean;
  private cancelled = false;

  constructor(
    private readonly editor: Editor,
    first: Sample,
    firstNow: Sample,
    second: Sample,
  ) {
    this.since = first.t;
    this.moved = Math.hypot(firstNow.x - first.x, firstNow.y - first.y) > TAP_SLOP_PX;
    this.add(firstNow);
    this.add(second);
  }

  add({ id, x, y }: Sample): void {
    this.spots.set(id, { x, y });
    this.most = Math.max(this.most, this.spots.size);
  }

  move({ id, x, y }: Sample): void {
    const spot = this.spots.get(id);
    if (!spot) return;
    // One remaining finger of two belongs to a hand that is being lifted.
    const before = this.measure();
    const slop = Math.hypot(x - spot.x, y - spot.y);
    if (!this.moved && slop <= TAP_SLOP_PX) return;
    this.moved = true;
    this.spots.set(id, { x, y });
    const after = this.measure();
    if (before && after) {
      const factor = before.spread > 0 ? after.spread / before.spread : 1;
      this.editor.viewport = pinched(this.editor.viewport, before.middle, after.middle, factor);
    }
  }

  /** Return whether the last finger has left. */
  lift({ id, phase }: Sample): boolean {
    this.spots.delete(id);
    this.cancelled ||= phase === "cancel";
    return this.spots.size === 0;
  }

  /** The number of fingers that tapped; 0 for a pan, a pinch or a long press. */
  taps(t: number): number {
    return this.moved || this.cancelled || t - this.since > TAP_MS ? 0 : this.most;
  }

  private measure(): { middle: Spot; spread: number } | null {
    const [a, b] = this.spots.values();
    if (!a || !b) return null;
    return { middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, spread: Math.hypot(a.x - b.x, a.y - b.y) };
  }
}
