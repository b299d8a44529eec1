import type { Choice } from "../../shared/api/types";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Past this share of the stage's width, and this far at least, letting go is an answer. */
const SHARE = 0.22;
const LEAST_PX = 56;
/** Within this it is a tap; the first way beyond it decides whether the page scrolls or the pair is swiped. */
const SLACK_PX = 10;
/** So far back from the farthest point, the finger has changed its mind. */
const BACK_PX = 24;

/**
 * One finger's way over the stage. The answer comes on release alone, from where the finger is then: a swipe that is pulled
 * back answers nothing, and never the other side.
 */
export class Swipe {
  private start: Point | null = null;
  private axis: "open" | "across" | "down" = "open";
  private dx = 0;
  private farthest = 0;

  constructor(private readonly width: number) {}

  /** Way across in px, 0 while it may be a tap or a scroll. */
  get offset(): number {
    return this.axis === "across" ? this.dx : 0;
  }

  /** How near the threshold: -1 and 1 answer. */
  get pull(): number {
    return Math.max(-1, Math.min(1, this.offset / this.threshold));
  }

  /** It was no tap: the click that follows is not one. */
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

  /** Forgets the way, but not that it was one. */
  cancel(): void {
    this.start = null;
    this.dx = this.farthest = 0;
  }
}
