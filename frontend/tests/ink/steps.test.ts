// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { Editor } from "../../src/ink/editor";
import { decodeSteps, encodeSteps, loadSteps, saveSteps } from "../../src/ink/steps";
import { stroke } from "./helpers";

beforeEach(() => sessionStorage.clear());

function drawn(): Editor {
  const editor = new Editor();
  editor.load([stroke(0, 0, 100, 0)]);
  editor.load([...editor.drawing, stroke(0, 50, 100, 50)]);
  editor.clear();
  editor.undo();
  return editor;
}

function reloaded(): Editor {
  const editor = new Editor();
  const steps = loadSteps();
  if (steps) editor.restore(steps.now, steps);
  return editor;
}

describe("undo and redo", () => {
  it("survive a reload, each stroke shared between the steps", () => {
    saveSteps(drawn().steps);
    const editor = reloaded();
    expect(editor.drawing).toHaveLength(2);
    editor.redo();
    expect(editor.drawing).toHaveLength(0);
    editor.undo();
    const [kept] = editor.drawing;
    editor.undo();
    expect(editor.drawing).toEqual([kept]);
    expect(editor.drawing[0]).toBe(kept);
    editor.undo();
    expect(editor.canUndo).toBe(false);
  });

  it("are kept for the nearest steps only", () => {
    const editor = new Editor();
    for (let n = 1; n <= 150; n++) editor.load([...editor.drawing, stroke(0, n, 100, n)]);
    const steps = decodeSteps(encodeSteps(editor.steps));
    expect(steps?.past).toHaveLength(100);
    expect(steps?.past.at(-1)).toHaveLength(149);
  });

  it("become fewer before the text becomes too long", () => {
    const editor = new Editor();
    for (let n = 1; n <= 40; n++) editor.load([stroke(n, 0, 100, 100, 2_000)]);
    const text = encodeSteps(editor.steps);
    expect(text.length).toBeLessThan(1_000_000);
    const steps = decodeSteps(text);
    expect(steps?.now).toHaveLength(1);
    expect(steps?.past.length).toBeGreaterThan(5);
  });

  it.each([
    "",
    "null",
    "[]",
    '{"strokes":[],"past":[[0]],"now":[],"future":[]}',
    '{"strokes":[{"w":6,"p":0,"xytp":[]}],"past":[],"now":[0],"future":[]}',
  ])("that are damaged count as none: %s", (text) => expect(decodeSteps(text)).toBeNull());
});
