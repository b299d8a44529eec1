import type { SketchPayload } from "../../ink/payload";

/** A sketch's strokes as an SVG path in the sketch's coordinates. */
export function sketchPath({ strokes }: SketchPayload): string {
  return strokes
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => {
      const points = stroke.map(([x, y]) => `${x} ${y}`);
      return `M${points.join("L")}${points.length === 1 ? "h0.1" : ""}`;
    })
    .join("");
}
