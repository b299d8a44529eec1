import { describe, expect, it } from "vitest";
import { answered, countAnswered, isComplete, moved, restored, sheetActOf } from "../../../src/work/attributes/answers";

const key = (name: string, more: object = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
});

describe("a sheet of attributes", () => {
  it("goes to the next row without an answer, wrapping around", () => {
    let sheet = restored(["a", "b", "c"], null);
    sheet = answered(sheet, "b", true);
    expect(sheet.row).toBe(2);
    sheet = answered(sheet, "c", null);
    expect(sheet.row).toBe(0);
    expect([countAnswered(sheet), isComplete(sheet)]).toEqual([2, false]);
    sheet = answered(sheet, "a", false);
    expect([sheet.row, isComplete(sheet)]).toEqual([0, true]);
    expect(sheet.answers).toEqual({ a: false, b: true, c: null });
  });

  it("can be changed afterwards", () => {
    const sheet = answered(answered(restored(["a"], null), "a", true), "a", false);
    expect(sheet.answers).toEqual({ a: false });
  });

  it("comes back as it was left, such as after undo, and without rows that it never had", () => {
    const left = answered(answered(restored(["a", "b", "c"], null), "a", true), "b", null);
    const sheet = restored(["a", "b", "c"], JSON.stringify({ ...left.answers, x: true, c: "no" }));
    expect(sheet).toEqual({ slugs: ["a", "b", "c"], answers: { a: true, b: null }, row: 2 });
    expect(restored(["a"], "{not json").answers).toEqual({});
  });

  it("does not leave its rows", () => {
    const sheet = restored(["a", "b"], null);
    expect([moved(sheet, -1).row, moved(moved(sheet, 1), 1).row]).toEqual([0, 1]);
  });
});

describe("its keys", () => {
  it("say yes, no and can't tell, in both languages", () => {
    const acts = ["1", "y", "j", "2", "N", "3", "c", "x"].map((name) => sheetActOf(key(name), true));
    const [yes, no, unsure] = [{ answer: true }, { answer: false }, { answer: null }];
    expect(acts).toEqual([yes, yes, yes, no, no, unsure, unsure, null]);
  });

  it("can be off; arrows and Enter stay", () => {
    expect(sheetActOf(key("1"), false)).toBeNull();
    expect(sheetActOf(key("ArrowDown"), false)).toEqual({ move: 1 });
    expect(sheetActOf(key("Enter"), false)).toEqual({ submit: true });
    expect(sheetActOf(key("Enter", { ctrlKey: true }), false)).toEqual({ submit: true });
    expect(sheetActOf(key("Enter", { repeat: true }), false)).toBeNull(); // held since the last item
  });
});
