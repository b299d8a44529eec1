import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ConnectionLost, ProblemError } from "../../../src/shared/api/client";
import { Memory } from "../../../src/work/sketches/memory";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function memory(loadMs = 0) {
  const open = vi.fn(async () => ({ photo_url: "/photo/1.webp", exposure_s: 15 }));
  const close = vi.fn();
  const warm = () => new Promise<void>((done) => setTimeout(done, loadMs));
  const made = new Memory({ open, close, warm, now: Date.now });
  // The page reports the photo's first frame.
  made.events.on("change", () => queueMicrotask(() => made.onScreen()));
  return { open, close, memory: made };
}

it("shows the photo for its full time from the first frame, then the sheet, and reports to the server", async () => {
  const { memory: m, close } = memory(2_000);
  void m.look();
  await vi.advanceTimersByTimeAsync(1_900);
  expect(m.step.kind).toBe("opening");
  await vi.advanceTimersByTimeAsync(100);
  expect([m.step.kind, m.secondsLeft]).toEqual(["look", 15]);
  await vi.advanceTimersByTimeAsync(14_900);
  expect([m.step.kind, m.secondsLeft, close.mock.calls.length]).toEqual(["look", 1, 0]);
  await vi.advanceTimersByTimeAsync(100);
  expect([m.step.kind, m.secondsLeft, close.mock.calls.length]).toEqual(["draw", 0, 1]);
});

it("opens once for a double click, and again for another look", async () => {
  const { memory: m, open } = memory();
  void m.look();
  void m.look();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(open).toHaveBeenCalledTimes(1);
  void m.look();
  await vi.advanceTimersByTimeAsync(10);
  expect([m.step.kind, open.mock.calls.length]).toEqual(["look", 2]);
});

it.each([
  [new ConnectionLost("away"), "offline"],
  [new ProblemError({ title: "Conflict", status: 409 }), { title: "Conflict", status: 409 }],
])("says why there is no photo, and can try again", async (error, trouble) => {
  const { memory: m, open } = memory();
  open.mockRejectedValueOnce(error);
  await m.look();
  expect(m.step).toEqual({ kind: "ready", trouble });
  void m.look();
  await vi.advanceTimersByTimeAsync(10);
  expect(m.step.kind).toBe("look");
});

it("states when and how long the photo was visible", async () => {
  vi.setSystemTime("2026-01-01T12:00:00Z");
  const { memory: m, close } = memory(1_000);
  void m.look();
  await vi.advanceTimersByTimeAsync(6_000);
  m.onVisibility(true);
  await vi.advanceTimersByTimeAsync(4_000);
  m.onVisibility(false);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(close).toHaveBeenCalledWith({
    started_at: "2026-01-01T12:00:01.000Z",
    ended_at: "2026-01-01T12:00:16.000Z",
    ms: 11_000,
  });
});

it("does not start the time before the photo is on the screen", async () => {
  const m = new Memory({
    open: async () => ({ photo_url: "/photo/1.webp", exposure_s: 15 }),
    close: vi.fn(),
    warm: async () => undefined,
    now: Date.now,
  });
  void m.look();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([m.step.kind, m.secondsLeft]).toEqual(["look", 15]);
});

it("goes on drawing after a reload", () => {
  const deps = { open: vi.fn(), close: vi.fn(), warm: vi.fn() };
  expect(new Memory({ ...deps, isSeen: true }).step.kind).toBe("draw");
});
