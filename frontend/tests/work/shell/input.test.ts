import { describe, expect, it } from "vitest";
import { isPanelPreview, panelOf, participantOf } from "../../../src/work/shell/session/panel";
import { Stopwatch } from "../../../src/work/shell/stopwatch";
import { actOf } from "../../../src/work/triplets/keys";
import { Swipe } from "../../../src/work/triplets/swipe";

const key = (name: string, more: object = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  ...more,
});

describe("a swipe on a stage of 400 px", () => {
  function swiped(...way: [number, number][]) {
    const swipe = new Swipe(400);
    swipe.begin({ x: way[0][0], y: way[0][1] });
    for (const [x, y] of way.slice(1)) swipe.move({ x, y });
    return swipe;
  }

  it("answers on release, past the threshold", () => {
    const swipe = swiped([200, 100], [150, 100], [90, 102]);
    expect(swipe.pull).toBe(-1);
    expect(swipe.release()).toBe("left");
    expect(swiped([200, 100], [250, 100], [300, 98]).release()).toBe("right");
  });

  it("gives no answer before it", () => {
    expect(swiped([200, 100], [140, 100]).release()).toBeNull();
  });

  it("that is pulled back gives no answer, nor the other side's", () => {
    expect(swiped([200, 100], [40, 100], [105, 100]).release()).toBeNull();
    expect(swiped([200, 100], [60, 100], [230, 100]).release()).toBeNull();
    expect(swiped([200, 100], [40, 100], [48, 100]).release()).toBe("left");
  });

  it("downwards is a scroll", () => {
    const swipe = swiped([200, 100], [198, 130], [60, 300]);
    expect([swipe.offset, swipe.moved, swipe.release()]).toEqual([0, true, null]);
  });

  it("of a few pixels is a tap", () => {
    expect(swiped([200, 100], [205, 104]).moved).toBe(false);
  });

  it("that the browser cancels gives no answer", () => {
    const swipe = swiped([200, 100], [60, 100]);
    swipe.cancel();
    expect(swipe.release()).toBeNull();
  });
});

describe("keys", () => {
  it("answer, undo, enlarge", () => {
    const acts = ["1", "2", "ArrowLeft", "ArrowRight", "c", "S", "u", "Z", "x"].map((name) => actOf(key(name), true));
    expect(acts).toEqual(["left", "right", "left", "right", "cant_tell", "skip", "undo", "enlarge", null]);
  });

  it("that are letters or digits can be off; arrows and Ctrl Z stay", () => {
    expect(["1", "c", "u"].map((name) => actOf(key(name), false))).toEqual([null, null, null]);
    expect(actOf(key("ArrowLeft"), false)).toBe("left");
    expect(actOf(key("z", { ctrlKey: true }), false)).toBe("undo");
  });

  it("are ignored when repeated, as are the browser's own", () => {
    expect(actOf(key("1", { repeat: true }), true)).toBeNull();
    expect(actOf(key("1", { ctrlKey: true }), true)).toBeNull();
    expect(actOf(key("ArrowLeft", { altKey: true }), true)).toBeNull();
  });
});

describe("a panel's link", () => {
  it("names worker, study and session", () => {
    expect(panelOf("?PROLIFIC_PID=p1&STUDY_ID=s1&SESSION_ID=x1")).toEqual({
      provider: "PROLIFIC",
      worker: "p1",
      study: "s1",
      session: "x1",
    });
    expect(panelOf("?assignmentId=a1&hitId=h1&workerId=w1")).toEqual({
      provider: "MTURK",
      worker: "w1",
      study: "h1",
      session: "a1",
    });
    expect(panelOf("?utm=1")).toBeNull();
  });

  it("with an empty number names nobody, which the server refuses", () => {
    expect(panelOf("?PROLIFIC_PID=")).toMatchObject({ provider: "PROLIFIC", worker: "" });
    expect(panelOf("?workerId=&assignmentId=a1")).toMatchObject({ provider: "MTURK", worker: "" });
  });

  it("of one person has its token behind the #", () => {
    expect(participantOf("#participant=abc:def-1")).toBe("abc:def-1");
    expect([participantOf(""), participantOf("#main")]).toEqual(["", ""]);
  });

  it("only allows a preview before the task is accepted", () => {
    const query = "?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=h1";
    expect([isPanelPreview(query), panelOf(query)]).toEqual([true, null]);
  });
});

describe("the stopwatch", () => {
  it("is paused while the page is hidden", () => {
    let now = 0;
    const watch = new Stopwatch(() => now);
    watch.restart();
    now = 100;
    watch.pause();
    now = 900;
    watch.go();
    now = 950;
    expect(watch.ms).toBe(150);
    watch.restart();
    expect(watch.ms).toBe(0);
  });
});
