// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { decodeDraft, encodeDraft, loadDraft, saveDraft } from "../../src/ink/draft";
import { stroke } from "./helpers";

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

describe("a draft", () => {
  it("keeps width, pressure and time", () => {
    const drawing = [{ ...stroke(0, 0, 10, 20), width: 11, pressed: true }];
    expect(decodeDraft(encodeDraft(drawing))).toEqual(drawing);
  });

  it("is the tab's own first, so that two tabs do not mix; a new tab finds the last one", () => {
    saveDraft([stroke(0, 0, 1, 1)]);
    const other = encodeDraft([stroke(5, 5, 9, 9), stroke(1, 1, 2, 2)]);
    localStorage.setItem("sketchfind.draft.1", other);
    expect(loadDraft()).toHaveLength(1);
    sessionStorage.clear();
    expect(loadDraft()).toHaveLength(2);
  });

  it("is deleted when the sheet is cleared", () => {
    saveDraft([stroke(0, 0, 1, 1)]);
    saveDraft([]);
    expect(loadDraft()).toBeNull();
  });

  it.each(["", "null", "{}", "[1]", '[{"w":6,"p":0,"xytp":[]}]', '[{"w":6,"p":0,"xytp":[1,2,null,4]}]'])(
    "that is damaged counts as none: %s",
    (text) => expect(decodeDraft(text)).toBeNull(),
  );
});
