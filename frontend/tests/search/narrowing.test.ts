// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { loadNarrowing, narrowingOf, saveNarrowing } from "../../src/search/live/narrowing";

const KEY = "sketchfind.narrowing.1";

beforeEach(() => sessionStorage.clear());

describe("what narrows the results", () => {
  it("survives a reload", () => {
    const narrowing = { name: { name: "clock", label: "Uhr" }, byShape: false, text: "rot" };
    saveNarrowing(narrowing);
    expect(loadNarrowing()).toEqual(narrowing);
  });

  it.each(["", "null", "[", '{"name":7,"byShape":"yes","text":["red"]}'])("is nothing if damaged: %s", (text) => {
    sessionStorage.setItem(KEY, text);
    expect(loadNarrowing() ?? { name: null, byShape: false, text: "" }).toEqual({
      name: null,
      byShape: false,
      text: "",
    });
  });

  it("keeps to the longest text that the server takes", () => {
    saveNarrowing({ name: null, byShape: false, text: "x".repeat(500) });
    expect(loadNarrowing()?.text).toHaveLength(100);
  });

  it("is read from a shared search", () => {
    const sketch = { width: 1, height: 1, strokes: [] };
    const share = { id: "a", sketch, category: "chairs", name: "chair", label: "Stuhl", by_shape: false, text: "rot" };
    expect(narrowingOf(share)).toEqual({
      category: "chairs",
      name: { name: "chair", label: "Stuhl" },
      byShape: false,
      text: "rot",
    });
    expect(narrowingOf({ ...share, name: null, label: null, by_shape: true })).toMatchObject({
      name: null,
      byShape: true,
    });
  });
});
