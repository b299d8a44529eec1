import { beforeEach, describe, expect, it } from "vitest";
import { Editor } from "../../src/ink/editor";
import { KeyboardPen } from "../../src/ink/keyboard";
import { stroke } from "./helpers";

let editor: Editor;
let actions: string[];
let pen: KeyboardPen;
let clock = 0;

const press = (key: string, more: object = {}) =>
  pen.press({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, timeStamp: (clock += 50), ...more });

beforeEach(() => {
  editor = new Editor();
  actions = [];
  pen = new KeyboardPen(editor, (what) => actions.push(what));
});

describe("drawing with the keyboard", () => {
  it("draws where the pen is down and moves freely where it is up", () => {
    ["ArrowLeft", " ", "ArrowDown", "ArrowDown", " ", "ArrowRight"].forEach((key) => press(key));
    expect(editor.drawing).toHaveLength(1);
    expect(editor.drawing[0].points.map(({ x, y }) => [x, y])).toEqual([
      [290, 300],
      [290, 310],
      [290, 320],
    ]);
    expect(actions).toEqual(["penDown", "penUp"]);
  });

  it("takes long and fine steps and stays on the page", () => {
    press("ArrowLeft", { altKey: true });
    expect(pen.x).toBe(298);
    for (let i = 0; i < 20; i++) press("ArrowUp", { shiftKey: true });
    expect(pen.y).toBe(0);
  });

  it("drops the stroke on Escape and leaves other keys alone", () => {
    press(" ");
    press("ArrowDown");
    press("Escape");
    expect(editor.drawing).toHaveLength(0);
    expect(press("Escape")).toBe(false);
    expect(press("a")).toBe(false);
    expect(press("ArrowLeft", { ctrlKey: true })).toBe(false);
  });

  it("erases under the cursor", () => {
    editor.load([stroke(300, 0, 300, 600), stroke(0, 0, 50, 50)]);
    editor.tool = "eraser";
    press(" ");
    expect(editor.drawing).toHaveLength(1);
    expect(actions).toEqual(["erased"]);
  });
});
