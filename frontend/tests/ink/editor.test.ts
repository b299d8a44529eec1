import { describe, expect, it, vi } from "vitest";
import { Editor } from "../../src/ink/editor";
import { stroke } from "./helpers";

function draw(editor: Editor, clock: number, x = 0): void {
  editor.beginStroke(x, 0, clock, 0.5, false);
  editor.extendStroke(x, 50, clock + 100, 0.5);
  editor.endStroke();
}

describe("history", () => {
  it("undoes and redoes strokes, and forgets the future on a new one", () => {
    const editor = new Editor();
    draw(editor, 0);
    draw(editor, 500, 10);
    editor.undo();
    expect(editor.drawing).toHaveLength(1);
    editor.redo();
    expect(editor.drawing).toHaveLength(2);
    editor.undo();
    draw(editor, 900, 20);
    expect(editor.canRedo).toBe(false);
    expect(editor.drawing.map(({ points }) => points[0].x)).toEqual([0, 20]);
  });

  it("undoes a clear, and an erasure of several strokes, in one step each", () => {
    const editor = new Editor();
    editor.load([stroke(0, 0, 100, 0), stroke(0, 50, 100, 50), stroke(0, 300, 100, 300)]);
    editor.doom({ x: 50, y: -10 }, { x: 50, y: 60 }, 2);
    editor.erase();
    expect(editor.drawing).toHaveLength(1);
    editor.clear();
    expect(editor.drawing).toHaveLength(0);
    editor.undo();
    expect(editor.drawing).toHaveLength(1);
    editor.undo();
    expect(editor.drawing).toHaveLength(3);
  });

  it("adds no step without a change", () => {
    const editor = new Editor();
    editor.clear();
    editor.erase();
    editor.dropStroke();
    expect(editor.canUndo).toBe(false);
  });

  it("has nothing to undo after loading a draft", () => {
    const editor = new Editor();
    editor.restore([stroke(0, 0, 9, 9)]);
    editor.undo();
    expect(editor.drawing).toHaveLength(1);
  });
});

describe("time", () => {
  it("counts from the drawing's first point whatever the clock says", () => {
    const editor = new Editor();
    draw(editor, 123_456);
    draw(editor, 124_000);
    const times = editor.drawing.flatMap(({ points }) => points.map(({ t }) => t));
    expect(times).toEqual([0, 100, 544, 644]);
  });

  it("continues after a loaded draft and never decreases", () => {
    const editor = new Editor();
    editor.restore([stroke(0, 0, 90, 90, 10, 1_000)]);
    draw(editor, 5);
    const before = editor.drawing[0].points[9].t;
    const [first, second] = editor.drawing[1].points;
    expect(first.t).toBeGreaterThan(before);
    expect(second.t - first.t).toBe(100);
  });
});

describe("the stroke in progress", () => {
  it("is in the ink at once, and a later copy does not change with it", () => {
    const editor = new Editor();
    const live = vi.fn();
    editor.events.on("live", live);
    editor.beginStroke(0, 0, 0, 0.5, false);
    expect(editor.ink).toHaveLength(1);
    expect(editor.drawing).toHaveLength(0);
    editor.extendStroke(5, 5, 16, 0.5);
    editor.extendStroke(5, 5, 32, 0.5);
    expect(live).toHaveBeenCalledTimes(2);
    expect(editor.live?.points).toHaveLength(2);
  });

  it("ends with an undo, and the rest of the gesture draws nothing", () => {
    const editor = new Editor();
    draw(editor, 0);
    editor.beginStroke(0, 0, 300, 0.5, false);
    editor.undo();
    editor.extendStroke(50, 50, 316, 0.5);
    editor.endStroke();
    expect(editor.drawing).toHaveLength(0);
  });
});
