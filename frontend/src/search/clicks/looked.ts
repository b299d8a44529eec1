import type { SketchPayload } from "../../ink/payload";

const KEY = "sketchfind.looked.1";

/**
 * Whether this drawing is the last one that was reported in this tab: a reload, a return from a product's page and a change of
 * filters search it again, but it counts once.
 */
export function wasLooked(sketch: SketchPayload): boolean {
  try {
    return sessionStorage.getItem(KEY) === shapeOf(sketch);
  } catch {
    return false;
  }
}

export function noteLooked(sketch: SketchPayload): void {
  try {
    sessionStorage.setItem(KEY, shapeOf(sketch));
  } catch {
    return;
  }
}

/** Strokes, points, and where the drawing begins and ends; restored drawings differ in further decimals. */
function shapeOf({ strokes }: SketchPayload): string {
  const points = strokes.flat();
  const ends = [points[0], points[points.length - 1]].map((point) => point?.slice(0, 2).map(Math.round).join(","));
  return [strokes.length, points.length, ...ends].join(" ");
}
