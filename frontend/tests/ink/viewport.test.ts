import { describe, expect, it } from "vitest";
import { PAGE } from "../../src/ink/types";
import { fitView, pageView, pinched, toPage, toScreen } from "../../src/ink/viewport";

const size = { width: 800, height: 400 };

describe("the view", () => {
  it("shows the page's square in the middle of any sheet", () => {
    const view = pageView(size);
    expect(toScreen(view, 0, 0)).toEqual({ x: 200, y: 0 });
    expect(toScreen(view, PAGE, PAGE)).toEqual({ x: 600, y: 400 });
  });

  it("goes back and forth between page and screen", () => {
    const view = { scale: 1.7, x: -33, y: 12 };
    const at = toPage(view, 120, 80);
    expect(toScreen(view, at.x, at.y).x).toBeCloseTo(120);
  });

  it("keeps the spot between the fingers under them", () => {
    const view = pageView(size);
    const middle = { x: 310, y: 155 };
    const before = toPage(view, middle.x, middle.y);
    const moved = { x: 350, y: 100 };
    const after = toPage(pinched(view, middle, moved, 1.8), moved.x, moved.y);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it("zooms out until ink beyond the sheet is visible, and otherwise stays", () => {
    expect(fitView(size, { x0: 0, y0: 0, x1: PAGE, y1: PAGE })).toEqual(pageView(size));
    const ink = { x0: -900, y0: 0, x1: 600, y1: 2_000 };
    const view = fitView(size, ink);
    const [a, b] = [toScreen(view, ink.x0, ink.y0), toScreen(view, ink.x1, ink.y1)];
    expect(Math.min(a.x, a.y)).toBeGreaterThanOrEqual(0);
    expect(b.x).toBeLessThanOrEqual(size.width);
    expect(b.y).toBeLessThanOrEqual(size.height);
  });
});
