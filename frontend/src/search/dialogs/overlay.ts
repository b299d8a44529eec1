import { inkBox } from "../../ink/geometry";
import { centreLines } from "../../ink/outline";
import type { Drawing } from "../../ink/types";

/** Side of the overlay's coordinate system, which covers the photo whatever its aspect ratio. */
export const OVERLAY_SIDE = 1000;

type PhotoBox = readonly number[];
const WHOLE: PhotoBox = [0.06, 0.06, 0.94, 0.94];

/** The sketch as an SVG path over a photo: its ink box is fitted to the product's box, as in the encoder. */
export function overlayPath(drawing: Drawing, photoBox: PhotoBox | null | undefined): string {
  const ink = inkBox(drawing);
  if (!ink) return "";
  const [x0, y0, x1, y1] = photoBox ?? WHOLE;
  const across = (x: number) => place(x, ink.x0, ink.x1, x0, x1);
  const down = (y: number) => place(y, ink.y0, ink.y1, y0, y1);
  return centreLines(
    drawing.map(({ points }) => ({ points: points.map(({ x, y }) => ({ x: across(x), y: down(y) })) })),
  );
}

/** A drawing without extent, such as a dot or a straight line, is centred. */
function place(value: number, from: number, to: number, start: number, end: number): number {
  const share = to > from ? (value - from) / (to - from) : 0.5;
  return (start + share * (end - start)) * OVERLAY_SIDE;
}
