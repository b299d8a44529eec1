// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Recording } from "../../src/search/clicks/consent";
import { ClickRecorder, LOOK_MS } from "../../src/search/clicks/recorder";
import { body, hit } from "./helpers";

const sketch = { width: 600, height: 600, strokes: [[[1, 1, 0, 0.5]]] };
const sent: [string, object][] = [];
const made = (mode: Recording["mode"]) =>
  new ClickRecorder({ mode, days: 90, learns: false }, (...report) => sent.push(report));
const answer = (id: string | null = "signed") => ({ ...body(3), answer_id: id });

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
  sent.length = 0;
});

afterEach(() => vi.useRealTimers());

describe("the recorder of clicks", () => {
  it("reports an answer once it was looked at, and what is opened", () => {
    const recorder = made("on");
    recorder.show(answer(), sketch);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(LOOK_MS);
    recorder.open(hit(3));
    expect(sent).toEqual([
      ["answers/", { answer_id: "signed" }],
      ["clicks/", { answer_id: "signed", product: 3, rank: hit(3).rank }],
    ]);
  });

  it("does not report answers that a next stroke replaced at once", () => {
    const recorder = made("on");
    recorder.show(answer("first"), sketch);
    vi.advanceTimersByTime(LOOK_MS / 2);
    recorder.show(answer("second"), { ...sketch, strokes: [...sketch.strokes, ...sketch.strokes] });
    vi.advanceTimersByTime(LOOK_MS);
    expect(sent).toEqual([["answers/", { answer_id: "second" }]]);
    recorder.show(null, null);
    recorder.open(hit(3));
    expect(sent).toHaveLength(1);
  });

  it("counts a drawing once, however often it is searched", () => {
    const recorder = made("on");
    recorder.show(answer("first"), sketch);
    vi.advanceTimersByTime(LOOK_MS);
    recorder.show(answer("with another category"), sketch);
    vi.advanceTimersByTime(LOOK_MS);
    const reloaded = made("on");
    reloaded.show(answer("after a reload"), sketch);
    vi.advanceTimersByTime(LOOK_MS);
    expect(sent).toEqual([["answers/", { answer_id: "first" }]]);
    reloaded.open(hit(3));
    expect(sent[1]).toEqual(["clicks/", { answer_id: "after a reload", product: 3, rank: hit(3).rank }]);
  });

  it.each(["off", "ask"] as const)("reports and names nothing where the site's setting is %s", (mode) => {
    const recorder = made(mode);
    recorder.show(answer(), sketch);
    vi.advanceTimersByTime(LOOK_MS);
    recorder.open(hit(3));
    expect(recorder.visit).toBe("");
    expect(sent).toEqual([]);
    expect(sessionStorage.length).toBe(0);
  });

  it("asks once, and remembers the decision", () => {
    const recorder = made("ask");
    expect(recorder.asks).toBe(true);
    recorder.decide({ clicks: true, sketches: true });
    expect(made("ask").asks).toBe(false);
    expect(made("ask").visit).toBe(recorder.visit);
    recorder.show(answer(), sketch);
    recorder.open(hit(3));
    expect(sent[0][1]).toMatchObject({ sketch });
  });

  it("respects a refusal even where the site does not ask", () => {
    const recorder = made("on");
    recorder.decide({ clicks: false });
    recorder.show(answer(), sketch);
    recorder.open(hit(3));
    expect(recorder.visit).toBe("");
    expect(sent).toEqual([]);
  });
});
