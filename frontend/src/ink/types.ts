/** The drawing as data. Coordinates are page units: the short side of a fresh sheet is `PAGE` units, y points down. */

export const PAGE = 600;

export interface InkPoint {
  readonly x: number;
  readonly y: number;
  /** Milliseconds since the first point of the drawing; never decreases. */
  readonly t: number;
  /** 0..1; 0.5 if the device reports none. */
  readonly pressure: number;
}

export interface Stroke {
  readonly points: readonly InkPoint[];
  /** Nib diameter in page units. */
  readonly width: number;
  /** Whether pressure is real (a pen); otherwise the width follows the speed. */
  readonly pressed: boolean;
}

/** Strokes in drawing order. Never changed in place, since history shares them. */
export type Drawing = readonly Stroke[];

export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}
