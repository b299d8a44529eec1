import { beforeEach, describe, expect, it } from "vitest";
import { Editor } from "../../src/ink/editor";
import { Gestures } from "../../src/ink/gestures";
import type { Sample } from "../../src/ink/input";
import { recording, stroke } from "./helpers";

let editor: Editor;
let gestures: Gestures;

beforeEach(() => {
  editor = new Editor();
  gestures = new Gestures(editor);
});

const play = (samples: readonly Sample[], later = 0) => {
  samples.forEach((sample) => gestures.feed({ ...sample, t: sample.t + later }));
};

/** The recording from the pointer-down event on. */
const pressed = (name: string) => {
  const samples = recording(name);
  return samples.slice(samples.findIndex(({ phase }) => phase === "down"));
};

describe("one pointer", () => {
  it("draws a stroke with the mouse, every merged point in it", () => {
    play(recording("mouse-stroke"));
    expect(editor.drawing).toHaveLength(1);
    expect(editor.drawing[0].points.length).toBeGreaterThan(20);
    expect(editor.drawing[0].pressed).toBe(false);
  });

  it("draws with a finger while no pen is in use", () => {
    play(recording("finger-stroke"));
    expect(editor.drawing).toHaveLength(1);
  });

  it("ignores the right button", () => {
    play(pressed("mouse-stroke").map((sample) => ({ ...sample, buttons: 2 })));
    expect(editor.drawing).toHaveLength(0);
  });

  it("drops a stroke that the system cancels", () => {
    const samples = pressed("mouse-stroke");
    play(samples.slice(0, 9));
    expect(editor.live).not.toBeNull();
    play([{ ...samples[9], phase: "cancel" }]);
    expect(editor.live).toBeNull();
    expect(editor.drawing).toHaveLength(0);
  });

  it("keeps a stroke whose end the browser never reported", () => {
    const samples = pressed("mouse-stroke");
    play(samples.slice(0, 9));
    play(samples, 1_000);
    expect(editor.drawing).toHaveLength(2);
  });

  it("erases with the pen's other end", () => {
    editor.load([stroke(0, 20, 300, 20), stroke(0, 400, 300, 400)]);
    const [down, move] = pressed("mouse-stroke").map((sample) => ({ ...sample, type: "pen" as const, buttons: 32 }));
    play([
      { ...down, x: 50, y: 0 },
      { ...move, x: 50, y: 60 },
      { ...move, x: 50, y: 60, phase: "up" },
    ]);
    expect(editor.drawing).toHaveLength(1);
  });
});

describe("two fingers", () => {
  it("pan and zoom without leaving a line", () => {
    const before = editor.viewport;
    play(recording("two-finger-pinch"));
    expect(editor.drawing).toHaveLength(0);
    expect(editor.live).toBeNull();
    expect(editor.viewport.scale).toBeGreaterThan(before.scale);
    expect(editor.viewport.y).not.toBe(before.y);
  });

  it("leave no line when one of them lifts first", () => {
    const samples = recording("two-finger-pinch");
    const last = samples.findLast(({ phase }) => phase === "move");
    const up = samples.findIndex(({ phase }) => phase === "up");
    if (!last) throw new Error("the recording has no move");
    const stays = samples[up].id === 0 ? 1 : 0;
    const drifting = Array.from({ length: 10 }, (_, i) => ({ ...last, id: stays, x: last.x - i * 9, t: last.t + i }));
    play([...samples.slice(0, up + 1), ...drifting, ...samples.slice(up + 1)]);
    expect(editor.drawing).toHaveLength(0);
  });

  it("undo by a tap, and three redo", () => {
    editor.load([stroke(0, 0, 100, 100)]);
    const tap = recording("two-finger-tap");
    play(tap);
    expect(editor.drawing).toHaveLength(0);
    const third = (sample: Sample): Sample => ({ ...sample, id: 99, x: sample.x + 40 });
    const downs = tap.filter(({ phase }) => phase === "down");
    const ups = tap.filter(({ phase }) => phase === "up");
    play([...downs, third(downs[1]), ...ups, third(ups[1])], 5_000);
    expect(editor.drawing).toHaveLength(1);
  });

  it("leave a long stroke alone: the second touch is a palm", () => {
    const finger = recording("finger-stroke");
    const middle = finger[10];
    const palm: Sample = { ...middle, id: 77, phase: "down", t: middle.t + 600 };
    const slow = finger.slice(11).map((sample) => ({ ...sample, t: sample.t + 600 }));
    play([...finger.slice(0, 11), palm, ...slow, { ...palm, phase: "up", t: palm.t + 500 }]);
    expect(editor.drawing).toHaveLength(1);
    expect(editor.drawing[0].points.length).toBeGreaterThan(12);
  });
});

describe("a pen", () => {
  it("draws with its pressure while the palm rests, and the palm leaves nothing", () => {
    play(recording("pen-with-palm"));
    expect(editor.drawing).toHaveLength(1);
    const [line] = editor.drawing;
    expect(line.pressed).toBe(true);
    expect(line.points[0].pressure).toBeLessThan(line.points[line.points.length - 1].pressure);
  });

  it("makes fingers move the sheet", () => {
    play(recording("pen-with-palm"));
    const { viewport } = editor;
    play(recording("finger-stroke"), 5_000);
    expect(editor.drawing).toHaveLength(1);
    expect(editor.viewport.x).toBeGreaterThan(viewport.x);
  });

  it("lets fingers draw if that is switched on", () => {
    gestures.fingerDraws = true;
    play(recording("pen-with-palm"));
    play(recording("finger-stroke"), 5_000);
    expect(editor.drawing).toHaveLength(2);
  });

  it("is reported once", () => {
    let seen = 0;
    gestures.onPenSeen = () => seen++;
    play(recording("pen-with-palm"));
    expect(seen).toBe(1);
    expect(gestures.penMode).toBe(true);
  });
});
