import { describe, expect, it } from "vitest";
import { fitted, fromPayload, toPayload } from "../../src/ink/payload";
import { PAGE } from "../../src/ink/types";
import { stroke } from "./helpers";

describe("toPayload", () => {
  it("sends x, y, time and pressure of every stroke, thinned to what a picture of 160 pixels can show", () => {
    const payload = toPayload([stroke(100, 100, 200, 100, 1001)]);
    expect(payload).toMatchObject({ width: PAGE, height: PAGE });
    const [points] = payload.strokes;
    expect(points[0]).toEqual([100, 100, 0, 0.5]);
    expect(points[points.length - 1].slice(0, 2)).toEqual([200, 100]);
    expect(points.length).toBeLessThan(80);
  });

  it("keeps a single dot", () => {
    expect(toPayload([stroke(5, 5, 5, 5, 1)]).strokes).toEqual([[[5, 5, 0, 0.5]]]);
  });

  it("is stable under loading, so that a shared sketch ranks the same", () => {
    const drawing = [stroke(10.26, 20.04, 590.3, 400.7, 333), stroke(300, 300, 301, 300.2, 5, 9_000)];
    const sent = toPayload(drawing);
    expect(toPayload(fromPayload(sent))).toEqual(sent);
  });

  it("is also stable for ink beyond the page, which is moved inside", () => {
    const sent = toPayload([stroke(-250.4, -90, 900, 1200, 400)]);
    const numbers = sent.strokes.flat();
    expect(Math.min(...numbers.map(([x]) => x))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers.map(([, y]) => y))).toBeLessThanOrEqual(sent.height);
    expect(toPayload(fromPayload(sent))).toEqual(sent);
  });

  it("stays within the server's limit, however long the scribble", () => {
    const scribble = Array.from({ length: 60 }, (_, i) => stroke(0, i, 600, i, 1_200, i * 20_000));
    const zigzag = scribble.map((line) => ({
      ...line,
      points: line.points.map((p, i) => ({ ...p, x: (i * 7) % 600 })),
    }));
    const count = toPayload(zigzag).strokes.reduce((sum, points) => sum + points.length, 0);
    expect(count).toBeLessThanOrEqual(20_000);
  });
});

describe("fromPayload", () => {
  it("enlarges a small canvas to the page and generates missing times", () => {
    const [line] = fromPayload({
      width: 256,
      height: 256,
      strokes: [
        [
          [0, 0],
          [256, 256],
        ],
      ],
    });
    expect(line.points[1]).toMatchObject({ x: PAGE, y: PAGE });
    expect(line.points[1].t).toBeGreaterThan(line.points[0].t);
  });
});

describe("a picture's lines", () => {
  it.each([
    [2000, 1000],
    [40, 80],
  ])("fill the page from a picture of %i x %i", (width, height) => {
    const strokes = [
      [
        [0, 0, 0, 0.5],
        [width, height, 16, 0.5],
      ],
    ];
    const [{ points }] = fitted({ width, height, strokes });
    const across = points[1].x - points[0].x;
    expect(Math.max(across, points[1].y - points[0].y)).toBeCloseTo(PAGE);
    expect((points[1].y - points[0].y) / across).toBeCloseTo(height / width);
  });
});
