import type { Drawing } from "./types";

const DEPTH = 500;

/** Drawings before and after the present one; the nearest is the last of each. */
export interface Steps {
  readonly past: readonly Drawing[];
  readonly now: Drawing;
  readonly future: readonly Drawing[];
}

/** Undo and redo over whole drawings. Strokes are shared between the steps, so a step costs one small array. */
export class History {
  private past: Drawing[] = [];
  private future: Drawing[] = [];

  constructor(private now: Drawing = []) {}

  get present(): Drawing {
    return this.now;
  }

  get steps(): Steps {
    return { past: this.past, now: this.now, future: this.future };
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

  /** Replace the drawing and its history. */
  reset({ past, now, future }: Steps): void {
    this.past = [...past];
    this.now = now;
    this.future = [...future];
  }
}
