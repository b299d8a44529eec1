import { beforeEach, describe, expect, it, vi } from "vitest";
import { outline } from "../../src/ink/outline";
import { Renderer, type Scene } from "../../src/ink/renderer";
import type { InkPoint, Stroke } from "../../src/ink/types";
import { stroke } from "./helpers";

/** Counts the corners of every path, a measure of a frame's cost. */
let corners = 0;

class CountingPath {
  moveTo(): void {}
  closePath(): void {}
  quadraticCurveTo(): void {
    corners++;
  }
}

function canvas() {
  const context = { fill: vi.fn(), clearRect: vi.fn(), setTransform: vi.fn(), canvas: { width: 0, height: 0 } };
  return { context, element: { getContext: () => context, width: 0, height: 0 } as unknown as HTMLCanvasElement };
}

let firm: ReturnType<typeof canvas>;
let soft: ReturnType<typeof canvas>;
let renderer: Renderer;
const view = { scale: 1, x: 0, y: 0 };
const scene = (strokes: readonly Stroke[], live: Stroke | null = null): Scene => ({
  strokes,
  live,
  doomed: new Set(),
  view,
  cursor: null,
});

beforeEach(() => {
  vi.stubGlobal("Path2D", CountingPath);
  [firm, soft] = [canvas(), canvas()];
  renderer = new Renderer(firm.element, soft.element, () => ({ ink: "#000", accent: "#f00" }));
  corners = 0;
});

describe("painting", () => {
  it("adds a finished stroke without painting the others again", () => {
    const strokes = Array.from({ length: 50 }, (_, i) => stroke(0, i * 10, 100, i * 10));
    renderer.paint(scene(strokes));
    firm.context.fill.mockClear();
    firm.context.clearRect.mockClear();
    renderer.paint(scene([...strokes, stroke(0, 0, 9, 9)]));
    expect(firm.context.fill).toHaveBeenCalledTimes(1);
    expect(firm.context.clearRect).not.toHaveBeenCalled();
  });

  it("paints all again after an undo, from paths it kept", () => {
    const strokes = [stroke(0, 0, 100, 0), stroke(0, 50, 100, 50)];
    renderer.paint(scene(strokes));
    corners = 0;
    renderer.paint(scene(strokes.slice(0, 1)));
    expect(firm.context.clearRect).toHaveBeenCalled();
    expect(corners).toBe(0);
  });

  it("costs a frame of a long stroke no more than one of a short stroke", () => {
    const points: InkPoint[] = [];
    const live: Stroke = { points, width: 6, pressed: false };
    const cost = (from: number, to: number) => {
      corners = 0;
      for (let i = from; i < to; i++) {
        points.push({ x: 300 + (i % 90) * 3, y: i / 10, t: i * 8, pressure: 0.5 });
        if (i % 4 === 0) renderer.paint(scene([], live));
      }
      return corners / (to - from);
    };
    const early = cost(0, 400);
    cost(400, 5_600);
    expect(cost(5_600, 6_000)).toBeLessThan(early * 1.5);
    corners = 0;
    renderer.paint(scene([live]));
    expect(corners).toBeLessThan(2_000);
  });

  it("removes the painted part of a dropped stroke", () => {
    const live: Stroke = { ...stroke(0, 0, 600, 600, 900) };
    renderer.paint(scene([], live));
    firm.context.clearRect.mockClear();
    renderer.paint(scene([]));
    expect(firm.context.clearRect).toHaveBeenCalled();
  });
});

describe("ink", () => {
  const thickness = (pressure: number) => {
    const points = stroke(0, 0, 300, 0, 40).points.map((point) => ({ ...point, pressure }));
    const ys = outline(points, { width: 10, pressed: true }).map(([, y]) => y);
    return Math.max(...ys) - Math.min(...ys);
  };

  it("is wider under more pressure", () => {
    expect(thickness(0.9)).toBeGreaterThan(thickness(0.5) * 1.1);
    expect(thickness(0.5)).toBeGreaterThan(thickness(0.1) * 1.1);
  });

  it("shows a single dot", () => {
    expect(outline(stroke(5, 5, 5, 5, 1).points, { width: 6, pressed: false }).length).toBeGreaterThan(2);
  });
});
