import type { Choice } from "../../shared/api/types";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Beyond this share of the stage's width, and at least this far, releasing is an answer. */
const SHARE = 0.22;
const LEAST_PX = 56;
/** Within this it is a tap; the first movement beyond it decides between scroll and swipe. */
const SLACK_PX = 10;
/** Moving back this far from the farthest point cancels the swipe. */
const BACK_PX = 24;

/**
 * One finger's path over the stage. Only the position on release decides: a swipe that is pulled
 * back gives no answer, and never the other side.
 */
export class Swipe {
  private start: Point | null = null;
  private axis: "open" | "across" | "down" = "open";
  private dx = 0;
  private farthest = 0;

  constructor(private readonly width: number) {}

  /** Horizontal movement in px, 0 while it may be a tap or a scroll. */
  get offset(): number {
    return this.axis === "across" ? this.dx : 0;
  }

  /** Progress towards the threshold: -1 and 1 are answers. */
  get pull(): number {
    return Math.max(-1, Math.min(1, this.offset / this.threshold));
  }

  /** It was not a tap, so the click that follows must be ignored. */
  get moved(): boolean {
    return this.axis !== "open";
  }

  private get threshold(): number {
    return Math.max(LEAST_PX, this.width * SHARE);
  }

  begin(at: Point): void {
    this.start = at;
    this.axis = "open";
    this.dx = this.farthest = 0;
  }

  move(at: Point): void {
    if (!this.start) return;
    const [dx, dy] = [at.x - this.start.x, at.y - this.start.y];
    if (this.axis === "open" && Math.hypot(dx, dy) > SLACK_PX) {
      this.axis = Math.abs(dx) > Math.abs(dy) ? "across" : "down";
    }
    this.dx = dx;
    if (Math.abs(dx) > Math.abs(this.farthest) || dx * this.farthest < 0) this.farthest = dx;
  }

  release(): Extract<Choice, "left" | "right"> | null {
    const { offset } = this;
    const pulledBack = Math.abs(this.farthest) - Math.abs(offset) > BACK_PX;
    const answers = this.start !== null && Math.abs(offset) >= this.threshold && !pulledBack;
    this.cancel();
    return answers ? (offset < 0 ? "left" : "right") : null;
  }

  /** Reset the path, but remember that there was a swipe. */
  cancel(): void {
    this.start = null;
    this.dx = this.farthest = 0;
  }
}
