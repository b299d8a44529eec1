import type { Drawing } from "./types";

const DEPTH = 500;

/** Undo and redo over whole drawings. Strokes are shared between the steps, so a step costs one small array. */
export class History {
  private past: Drawing[] = [];
  private future: Drawing[] = [];

  constructor(private now: Drawing = []) {}

  get present(): Drawing {
    return this.now;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  push(next: Drawing): void {
    this.past = [...this.past.slice(-DEPTH + 1), this.now];
    this.future = [];
    this.now = next;
  }

  undo(): boolean {
    const before = this.past.pop();
    if (!before) return false;
    this.future.push(this.now);
    this.now = before;
    return true;
  }

  redo(): boolean {
    const after = this.future.pop();
    if (!after) return false;
    this.past.push(this.now);
    this.now = after;
    return true;
  }

  /** Replace the drawing and clear the history. */
  reset(drawing: Drawing): void {
    this.past = [];
    this.future = [];
    this.now = drawing;
  }
}
