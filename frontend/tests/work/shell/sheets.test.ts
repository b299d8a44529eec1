import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sheetStore } from "../../../src/work/shell/session/sheets";
import { loadDrawing, saveDrawing } from "../../../src/work/sketches/draft";
import { memoryStorage } from "./helpers";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("keeps sheets for the next page, by campaign and assignment", () => {
  const storage = memoryStorage();
  sheetStore(7, storage).save(1, "one");
  expect(sheetStore(7, storage).load(1)).toBe("one");
  expect([sheetStore(7, storage).load(2), sheetStore(8, storage).load(1)]).toEqual([null, null]);
  sheetStore(7, storage).drop(1);
  expect(sheetStore(7, storage).load(1)).toBeNull();
});

it("keeps only the newest, and never more than it needs", () => {
  const storage = memoryStorage();
  storage.setItem("something else", "kept");
  const store = sheetStore(7, storage);
  for (let i = 0; i < 20; i++) {
    vi.advanceTimersByTime(1);
    store.save(i, `${i}`);
  }
  expect(storage.length).toBe(11);
  expect([sheetStore(7, storage).load(0), sheetStore(7, storage).load(19)]).toEqual([null, "19"]);
  expect(store.load(0)).toBe("0"); // this page still has it
});

it("lives as long as the page without storage, or if that is full", () => {
  const full = memoryStorage();
  full.setItem = () => {
    throw new Error("full");
  };
  for (const storage of [null, full]) {
    const store = sheetStore(7, storage);
    store.save(1, "one");
    expect(store.load(1)).toBe("one");
    expect(sheetStore(7, storage).load(1)).toBeNull();
  }
});

it("knows a photo that has been seen from one that has not", () => {
  const store = sheetStore(7, memoryStorage());
  expect(loadDrawing(store, 1)).toBeNull();
  saveDrawing(store, 1, []);
  expect(loadDrawing(store, 1)).toEqual([]);
  const stroke = { width: 6, pressed: false, points: [{ x: 1, y: 2, t: 0, pressure: 0.5 }] };
  saveDrawing(store, 1, [stroke]);
  expect(loadDrawing(store, 1)).toEqual([stroke]);
});
