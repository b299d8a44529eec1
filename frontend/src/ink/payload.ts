import { inkBox } from "./geometry";
import { type Drawing, type InkPoint, PAGE } from "./types";

/** A sketch as in the API: points are [x, y, t_ms, pressure]. */
export interface SketchPayload {
  readonly width: number;
  readonly height: number;
  readonly strokes: readonly (readonly (readonly number[])[])[];
}

/** Points nearer than this to the last kept one make no difference at the encoder's resolution. */
const SPACING = 1.5;
const MAX_POINTS = 20_000;
const DEFAULT_WIDTH = 6;
const NEUTRAL_PRESSURE = 0.5;

/**
 * Return what is sent for a drawing, rounded and thinned. Sending, loading and sending again gives the same bytes, so a shared
 * sketch ranks the same as for its author.
 */
export function toPayload(drawing: Drawing): SketchPayload {
  const box = inkBox(drawing) ?? { x0: 0, y0: 0, x1: PAGE, y1: PAGE };
  const [dx, dy] = [Math.max(0, -Math.floor(box.x0)), Math.max(0, -Math.floor(box.y0))];
  const side = Math.max(PAGE, Math.ceil(box.x1) + dx, Math.ceil(box.y1) + dy);
  let strokes: number[][][] = [];
  for (let spacing = SPACING; ; spacing *= 2) {
    strokes = drawing.map(({ points }) =>
      thinned(
        points.map((point) => row(point, dx, dy)),
        spacing,
      ),
    );
    if (spacing > PAGE || strokes.reduce((sum, stroke) => sum + stroke.length, 0) <= MAX_POINTS) break;
  }
  return { width: side, height: side, strokes };
}

/** Return a drawing from a sketch of the API. A small canvas is enlarged to the page; the view adapts to a larger one. */
export function fromPayload({ width, height, strokes }: SketchPayload, brush = DEFAULT_WIDTH): Drawing {
  const scale = Math.max(1, PAGE / Math.max(width, height));
  const [dx, dy] = [Math.max(0, (PAGE - width * scale) / 2), Math.max(0, (PAGE - height * scale) / 2)];
  let clock = 0;
  return strokes
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => ({
      width: brush,
      pressed: stroke.some((point) => (point[3] ?? NEUTRAL_PRESSURE) !== NEUTRAL_PRESSURE),
      points: stroke.map(([x, y, t, pressure]): InkPoint => {
        clock = Math.max(clock, t ?? clock + 16);
        return { x: x * scale + dx, y: y * scale + dy, t: clock, pressure: pressure ?? NEUTRAL_PRESSURE };
      }),
    }));
}

/** Return a drawing from a picture's lines, at the size of the page, whatever the picture's size. */
export function fitted({ width, height, strokes }: SketchPayload): Drawing {
  const scale = PAGE / Math.max(width, height);
  const scaled = strokes.map((stroke) => stroke.map(([x, y, ...rest]) => [x * scale, y * scale, ...rest]));
  return fromPayload({ width: width * scale, height: height * scale, strokes: scaled });
}

function row({ x, y, t, pressure }: InkPoint, dx: number, dy: number): number[] {
  return [
    Math.round((x + dx) * 10) / 10,
    Math.round((y + dy) * 10) / 10,
    Math.round(t),
    Math.round(pressure * 100) / 100,
  ];
}

/** Keep the first and last point, and in between those at least `spacing` from the previous one. */
function thinned(points: number[][], spacing: number): number[][] {
  const kept = [points[0]];
  for (let i = 1; i < points.length; i++) {
    const last = kept[kept.length - 1];
    const isEnd = i === points.length - 1;
    if (isEnd || Math.hypot(points[i][0] - last[0], points[i][1] - last[1]) >= spacing) kept.push(points[i]);
  }
  return kept;
}
