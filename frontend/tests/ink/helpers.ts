import { readFileSync } from "node:fs";
import type { Sample } from "../../src/ink/input";
import type { Stroke } from "../../src/ink/types";

/** Pointer samples as Chromium reported them for a real gesture. */
export function recording(name: string): Sample[] {
  return JSON.parse(readFileSync(new URL(`./recordings/${name}.json`, import.meta.url), "utf8")) as Sample[];
}

/** A straight stroke of `n` points. */
export function stroke(x0: number, y0: number, x1: number, y1: number, n = 11, t0 = 0): Stroke {
  const points = Array.from({ length: n }, (_, i) => {
    const share = n > 1 ? i / (n - 1) : 0;
    return { x: x0 + (x1 - x0) * share, y: y0 + (y1 - y0) * share, t: t0 + i * 16, pressure: 0.5 };
  });
  return { points, width: 6, pressed: false };
}
