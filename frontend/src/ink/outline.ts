import { getStroke, type StrokeOptions } from "perfect-freehand";
import type { InkPoint, Stroke } from "./types";

/** How much a pen's pressure, or else the pointer's speed, thins the line. */
function options({ width, pressed }: Pick<Stroke, "width" | "pressed">, last: boolean): StrokeOptions {
  return {
    size: width,
    thinning: pressed ? 0.65 : 0.35,
    smoothing: 0.55,
    streamline: 0.4,
    simulatePressure: !pressed,
    last,
  };
}

/** The ink's outline as a polygon in page units. `last` is false while the stroke still grows. */
export function outline(points: readonly InkPoint[], nib: Pick<Stroke, "width" | "pressed">, last = true): number[][] {
  return getStroke(points as InkPoint[], options(nib, last));
}

/** A polygon's path, with corners rounded by quadratic curves through the edges' midpoints. */
export function trace(polygon: readonly number[][], path: Path2D = new Path2D()): Path2D {
  const n = polygon.length;
  if (n < 3) return path;
  const middle = (i: number) => {
    const [a, b] = [polygon[i % n], polygon[(i + 1) % n]];
    return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  };
  path.moveTo(middle(0)[0], middle(0)[1]);
  for (let i = 1; i <= n; i++) {
    const corner = polygon[i % n];
    const to = middle(i);
    path.quadraticCurveTo(corner[0], corner[1], to[0], to[1]);
  }
  path.closePath();
  return path;
}

const paths = new WeakMap<Stroke, Path2D>();

/** A committed stroke's path, computed once, independent of the view. */
export function strokePath(stroke: Stroke): Path2D {
  const path = paths.get(stroke) ?? trace(outline(stroke.points, stroke));
  paths.set(stroke, path);
  return path;
}

/** An SVG path of the centre lines, for small pictures of a drawing. */
export function centreLines(strokes: readonly { readonly points: readonly { x: number; y: number }[] }[]): string {
  return strokes
    .map(({ points }) => {
      const rest = points.length > 1 ? points.slice(1) : points;
      return `M${round(points[0].x)} ${round(points[0].y)}L${rest.map((p) => `${round(p.x)} ${round(p.y)}`).join(" ")}`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
