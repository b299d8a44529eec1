import { describe, expect, it } from "vitest";
import {
  answered,
  blankSheet,
  countAnswered,
  isComplete,
  moved,
  sheetActOf,
} from "../../../src/work/attributes/answers";

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
    let sheet = blankSheet(["a", "b", "c"]);
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
    const sheet = answered(answered(blankSheet(["a"]), "a", true), "a", false);
    expect(sheet.answers).toEqual({ a: false });
  });

  it("does not leave its rows", () => {
    const sheet = blankSheet(["a", "b"]);
    expect([moved(sheet, -1).row, moved(moved(sheet, 1), 1).row]).toEqual([0, 1]);
  });
});

describe("its keys", () => {
  it("say yes, no and can't tell, in both languages", () => {
    const acts = ["1", "y", "j", "2", "N", "3", "c", "x"].map((name) => sheetActOf(key(name), true));
    const [yes, no, unsure] = [{ answer: true }, { answer: false }, { answer: null }];
    expect(acts).toEqual([yes, yes, yes, no, no, unsure, unsure, null]);
  });

  it("can be off; arrows and Ctrl Enter stay", () => {
    expect(sheetActOf(key("1"), false)).toBeNull();
    expect(sheetActOf(key("ArrowDown"), false)).toEqual({ move: 1 });
    expect(sheetActOf(key("Enter", { ctrlKey: true }), false)).toEqual({ submit: true });
  });
});
