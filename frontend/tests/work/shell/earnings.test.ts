import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionLost, ProblemError } from "../../../src/shared/api/client";
import { desk, ENDED, FINISHED, settle, standing, triplet } from "./helpers";

const lost = () => Promise.reject(new ConnectionLost("away"));
const refused = (status: number) => Promise.reject(new ProblemError({ title: "No", status }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const items = (n: number) => Array.from({ length: n }, (_, i) => triplet(i + 1));

describe("the completion code", () => {
  it("comes after the last receipt, with the receipts as proof", async () => {
    const { work, calls } = desk(items(1));
    calls.send.mockImplementationOnce(lost);
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    expect(calls.complete).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(work.phase).toEqual({ kind: "finished", why: "none_left" });
    expect(calls.complete).toHaveBeenCalledWith(["r"], false);
    expect(work.earnings.ended).toEqual(FINISHED);
  });

  it("is not requested before it is earned, and comes with leaving once it is", async () => {
    const { work, calls } = desk(items(3));
    calls.me.mockImplementation(async () => standing("", ""));
    await settle();
    work.leave();
    await settle();
    expect([work.earnings.ended, calls.complete.mock.calls.length]).toEqual([null, 0]);
    calls.me.mockImplementation(async () => standing(""));
    work.askAgain();
    await settle();
    expect(work.earnings.ended).toEqual(FINISHED);
  });

  it("is requested again after a failure, which is shown", async () => {
    const { work, calls } = desk(items(1));
    calls.complete.mockImplementationOnce(lost).mockImplementationOnce(() => refused(503));
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    expect([work.phase.kind, work.earnings.trouble, work.earnings.ended]).toEqual(["finished", "offline", null]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([work.earnings.trouble, work.earnings.ended]).toEqual([null, FINISHED]);
  });

  it("that is refused says why, and can be requested again", async () => {
    const { work, calls } = desk(items(1));
    calls.complete.mockImplementationOnce(() => refused(409));
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    expect(work.earnings.trouble).toMatchObject({ status: 409 });
    work.askAgain();
    await settle();
    expect(work.earnings.ended).toEqual(FINISHED);
  });

  it("is still there after more work", async () => {
    const { work, calls } = desk(items(1));
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    calls.next.mockImplementation(async () => [triplet(9)]);
    work.goOn();
    await settle();
    expect([work.item?.id, work.earnings.ended]).toEqual([9, FINISHED]);
  });

  it("of ending early is requested by the worker only", async () => {
    const { work, calls } = desk([]);
    const early = { ...ENDED, ending: "ended_early" as const, pay: "1.00" };
    calls.me.mockImplementation(async () => standing("none_left", ""));
    calls.complete.mockImplementation(async () => early);
    await settle();
    expect(calls.complete).not.toHaveBeenCalled();
    work.endHere();
    await settle();
    expect(calls.complete).toHaveBeenCalledWith([], true);
    expect(work.earnings.ended).toEqual(early);
  });
});
