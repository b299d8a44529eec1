import type { Editor } from "./editor";
import { PAGE } from "./types";

const STEP = 10;
const FINE = 2;
const COARSE = 40;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const NEUTRAL_PRESSURE = 0.5;

export type KeyboardAction = "penDown" | "penUp" | "erased" | "dropped";

/** Drawing without a pointer: arrows move a cursor, space puts the pen down or lifts it, Escape cancels the stroke. */
export class KeyboardPen {
  x = PAGE / 2;
  y = PAGE / 2;
  /** Visible once a key has moved it. */
  shown = false;

  private holding = false;

  constructor(
    private readonly editor: Editor,
    private readonly tell: (announcement: KeyboardAction) => void,
  ) {}

  /** Undo also ends a stroke in progress. */
  get down(): boolean {
    return this.holding && this.editor.live !== null;
  }

  /** Return whether the key was for the pen. Shift takes long steps, Alt fine ones. */
  press(event: Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "ctrlKey" | "metaKey" | "timeStamp">): boolean {
    if (event.ctrlKey || event.metaKey) return false;
    const direction = ARROWS[event.key];
    if (direction) this.move(direction, event.shiftKey ? COARSE : event.altKey ? FINE : STEP, event.timeStamp);
    else if (event.key === " ") this.toggle(event.timeStamp);
    else if (event.key === "Escape" && this.down) this.drop();
    else return false;
    return true;
  }

  /** Lift the pen, such as when the canvas loses focus. */
  rest(): void {
    if (this.down) this.lift();
    this.shown = false;
  }

  private move([dx, dy]: readonly [number, number], step: number, clock: number): void {
    this.shown = true;
    this.x = clamp(this.x + dx * step);
    this.y = clamp(this.y + dy * step);
    if (this.down) this.editor.extendStroke(this.x, this.y, clock, NEUTRAL_PRESSURE);
    else this.editor.events.emit("view", undefined);
  }

  private toggle(clock: number): void {
    this.shown = true;
    if (this.editor.tool === "eraser") {
      this.editor.doom(this, this, STEP);
      this.editor.erase();
      return this.tell("erased");
    }
    if (this.down) return this.lift();
    this.holding = true;
    this.editor.beginStroke(this.x, this.y, clock, NEUTRAL_PRESSURE, false);
    this.tell("penDown");
  }

  private lift(): void {
    this.holding = false;
    this.editor.endStroke();
    this.tell("penUp");
  }

  private drop(): void {
    this.holding = false;
    this.editor.dropStroke();
    this.tell("dropped");
  }
}

function clamp(value: number): number {
  return Math.min(PAGE, Math.max(0, value));
}
