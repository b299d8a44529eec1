import type { Box, Drawing, Stroke } from "./types";

interface XY {
  readonly x: number;
  readonly y: number;
}

/** The smallest box around the centre lines, or null without ink. */
export function inkBox(drawing: Drawing): Box | null {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const stroke of drawing) {
    const box = strokeBox(stroke);
    x0 = Math.min(x0, box.x0);
    y0 = Math.min(y0, box.y0);
    x1 = Math.max(x1, box.x1);
    y1 = Math.max(y1, box.y1);
  }
  return x0 <= x1 ? { x0, y0, x1, y1 } : null;
}

const boxes = new WeakMap<Stroke, Box>();

/** Box around one stroke's centre line; strokes never change, so it is computed once. */
export function strokeBox(stroke: Stroke): Box {
  const known = boxes.get(stroke);
  if (known) return known;
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of stroke.points) {
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x);
    y1 = Math.max(y1, y);
  }
  const box = { x0, y0, x1, y1 };
  boxes.set(stroke, box);
  return box;
}

/** Whether the ink is within `reach` units of the segment a-b (the eraser's path between two samples). */
export function touches(stroke: Stroke, a: XY, b: XY, reach: number): boolean {
  const far = reach + stroke.width / 2;
  const box = strokeBox(stroke);
  if (
    Math.max(a.x, b.x) < box.x0 - far ||
    Math.min(a.x, b.x) > box.x1 + far ||
    Math.max(a.y, b.y) < box.y0 - far ||
    Math.min(a.y, b.y) > box.y1 + far
  )
    return false;
  const { points } = stroke;
  if (points.length === 1) return distanceToSegment(points[0], a, b) <= far;
  for (let i = 1; i < points.length; i++) {
    if (segmentDistance(points[i - 1], points[i], a, b) <= far) return true;
  }
  return false;
}

function distanceToSegment(p: XY, a: XY, b: XY): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2));
  return Math.hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

function segmentDistance(p: XY, q: XY, a: XY, b: XY): number {
  if (cross(p, q, a) * cross(p, q, b) < 0 && cross(a, b, p) * cross(a, b, q) < 0) return 0;
  return Math.min(
    distanceToSegment(p, a, b),
    distanceToSegment(q, a, b),
    distanceToSegment(a, p, q),
    distanceToSegment(b, p, q),
  );
}

function cross(o: XY, a: XY, b: XY): number {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}
