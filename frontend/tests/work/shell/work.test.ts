import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionLost, ProblemError } from "../../../src/shared/api/client";
import { desk, ENDED, receipt, settle, standing, triplet } from "./helpers";

const lost = () => Promise.reject(new ConnectionLost("away"));
const refused = (status: number) => Promise.reject(new ProblemError({ title: "No", status }));
const paths = (send: { mock: { calls: unknown[][] } }) => send.mock.calls.map(([p]) => (p as { path: string }).path);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const items = (n: number) => Array.from({ length: n }, (_, i) => triplet(i + 1));

describe("a worker", () => {
  it("gets nothing before consent", async () => {
    const { work, calls } = desk(items(2), {}, false);
    await settle();
    expect([work.phase.kind, calls.next.mock.calls.length]).toEqual(["welcome", 0]);
    await work.join(null);
    expect(work.item?.id).toBe(1);
  });

  it("sees the next item at once, with at least three more claimed ahead, none of them twice", async () => {
    const { work, prefetchQueue, calls } = desk(items(9));
    await settle();
    expect([work.item?.id, prefetchQueue.upcoming.map(({ id }) => id)]).toEqual([1, [2, 3, 4]]);
    work.answer(work.item!, "vote", { choice: "left" });
    expect(work.item?.id).toBe(2);
    await settle();
    expect(prefetchQueue.upcoming.map(({ id }) => id)).toEqual([3, 4, 5, 6]);
    expect(calls.next.mock.calls.at(-1)).toEqual([2, expect.arrayContaining([2, 3, 4])]);
    work.answer(work.item!, "vote", { choice: "left" });
    await settle();
    expect(calls.next).toHaveBeenCalledTimes(2); // one request for two answers
  });

  it("counts a double click once", async () => {
    const { work, calls } = desk(items(3));
    await settle();
    const item = work.item!;
    work.answer(item, "vote", { choice: "left" });
    work.answer(item, "vote", { choice: "left" });
    await settle();
    expect(paths(calls.send)).toEqual(["assignments/1/vote"]);
    expect(work.done).toBe(1);
  });

  it("undoes the last answers, the latest first, as far as the campaign allows", async () => {
    const { work, calls } = desk(items(6), { undo_steps: 2 });
    await settle();
    for (let i = 0; i < 3; i++) work.answer(work.item!, "vote", { choice: "left" });
    work.undo();
    expect(work.item?.id).toBe(3);
    work.undo();
    expect(work.item?.id).toBe(2);
    expect(work.canUndo).toBe(false);
    work.answer(work.item!, "vote", { choice: "right" });
    expect(work.item?.id).toBe(3);
    await settle();
    expect(paths(calls.send).slice(3)).toEqual(["assignments/3/undo", "assignments/2/undo", "assignments/2/vote"]);
  });

  it("gets feedback on a training item before the next one", async () => {
    const feedback = { right: false, answer: "right" as const, explanation: "The legs." };
    const { work, calls } = desk([triplet(1, { training: {} }), triplet(2)]);
    calls.send.mockImplementation(async () => receipt({ feedback, session: { done: 0, cap: 0 } }));
    await settle();
    work.answer(work.item!, "vote", { choice: "left" });
    expect(work.phase.kind).toBe("checking");
    await settle();
    expect(work.phase).toMatchObject({ kind: "feedback", feedback });
    work.goOn();
    expect([work.item?.id, work.done]).toEqual([2, 1]);
  });

  it("claims again after the training, when real work becomes available", async () => {
    const { work, calls } = desk([triplet(1, { training: {} })]);
    calls.send.mockImplementation(async () => {
      calls.next.mockImplementation(async () => [triplet(2)]);
      return receipt({ feedback: { right: true, answer: "left", explanation: "" } });
    });
    await settle();
    work.answer(work.item!, "vote", { choice: "left" });
    await settle();
    work.goOn();
    await settle();
    expect(work.item?.id).toBe(2);
  });

  it("is offered a break, and undo still works from there", async () => {
    const { work } = desk(items(6), { break_every: 2 });
    await settle();
    work.answer(work.item!, "vote", {});
    work.answer(work.item!, "vote", {});
    expect(work.phase.kind).toBe("break");
    work.undo();
    expect(work.item?.id).toBe(2);
    work.answer(work.item!, "vote", {});
    work.goOn();
    expect(work.item?.id).toBe(3);
  });

  it("gets no closer to a break by skipping, nor farther by undoing that", async () => {
    const { work } = desk(items(6), { break_every: 2 });
    await settle();
    work.answer(work.item!, "vote", {});
    work.answer(work.item!, "vote", { choice: "skip" }, false);
    expect([work.phase.kind, work.done]).toEqual(["item", 1]);
    work.undo();
    expect([work.item?.id, work.done]).toEqual([2, 1]);
  });

  it("stops at the session's cap", async () => {
    const { work } = desk(items(6).map((item) => ({ ...item, session: { done: 4, cap: 5 } })));
    await settle();
    work.answer(work.item!, "vote", {});
    expect(work.phase).toEqual({ kind: "finished", why: "session" });
  });

  it("releases claimed items when they leave", async () => {
    const { work, calls } = desk(items(6));
    await settle();
    work.leave();
    await settle();
    expect(paths(calls.send)).toEqual([1, 2, 3, 4].map((id) => `assignments/${id}/return`));
    expect(work.phase).toEqual({ kind: "finished", why: "left" });
  });

  it("shows nothing that was being claimed when they left, once they go on", async () => {
    const { work, calls } = desk(items(4));
    await settle();
    let arrive: (late: ReturnType<typeof items>) => void = () => undefined;
    calls.next.mockImplementationOnce(() => new Promise((resolve) => (arrive = resolve)));
    work.answer(work.item!, "vote", {});
    work.answer(work.item!, "vote", {});
    work.leave();
    arrive([triplet(5), triplet(6)]);
    await settle();
    calls.next.mockImplementation(async () => [triplet(7)]);
    work.goOn();
    await settle();
    expect(work.item?.id).toBe(7);
  });
});

describe("when nothing is free", () => {
  it.each(["waiting", "paused"] as const)("the page (%s) shows the next item as soon as there is one", async (why) => {
    const { work, calls } = desk([]);
    calls.me.mockImplementation(async () => standing(why, ""));
    await settle();
    expect(work.phase).toEqual({ kind: "finished", why });
    await vi.advanceTimersByTimeAsync(25_000);
    calls.next.mockImplementation(async () => [triplet(5)]);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(work.item?.id).toBe(5);
  });

  it("a new session starts at zero", async () => {
    const { work, calls } = desk([triplet(1, { session: { done: 4, cap: 5 } })]);
    calls.me.mockImplementation(async () => standing("session", ""));
    await settle();
    work.answer(work.item!, "vote", {});
    calls.next.mockImplementation(async () => [triplet(2, { session: { done: 0, cap: 5 } })]);
    work.goOn();
    await settle();
    expect([work.item?.id, work.done]).toEqual([2, 0]);
  });
});

describe("without a connection", () => {
  it("work continues with claimed items, and everything is sent in order later", async () => {
    const { work, calls } = desk(items(9));
    await settle();
    calls.send.mockImplementation(lost);
    calls.next.mockImplementation(lost);
    for (let i = 0; i < 4; i++) work.answer(work.item!, "vote", { choice: "left" });
    await settle();
    expect([work.phase.kind, work.outbox.waiting, work.outbox.isStuck]).toEqual(["away", 4, true]);
    calls.send.mockClear();
    calls.send.mockImplementation(async () => receipt());
    calls.next.mockImplementation(async () => [triplet(5)]);
    work.reconnect();
    await settle();
    expect(paths(calls.send)).toEqual([1, 2, 3, 4].map((id) => `assignments/${id}/vote`));
    expect([work.item?.id, work.outbox.waiting]).toEqual([5, 0]);
  });

  it("it recovers by itself", async () => {
    const { work, calls } = desk(items(1), {}, false);
    calls.next.mockImplementationOnce(lost);
    await work.join(null);
    expect(work.phase.kind).toBe("away");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(work.item?.id).toBe(1);
  });
});

describe("an answer that is refused", () => {
  const said = (work: ReturnType<typeof desk>["work"]) => {
    const heard: string[] = [];
    work.events.on("announcement", (what) => heard.push(what));
    return heard;
  };

  it.each([400, 404, 409])("is never called saved (%i), does not count, and can be sent again", async (status) => {
    const { work, calls, outbox } = desk(items(3));
    calls.send.mockImplementationOnce(() => refused(status));
    await settle();
    const heard = said(work);
    work.answer(work.item!, "vote", { choice: "left" });
    expect(heard).toEqual([]); // not before the server has answered
    await settle();
    expect([heard, work.done, outbox.refused.length]).toEqual([["refused"], 0, 1]);
    work.sendAgain();
    await settle();
    expect([heard, work.done, outbox.refused.length]).toEqual([["refused", "saved"], 1, 0]);
  });

  it("is kept when it is a drawing, with the end of its exposure before it", async () => {
    const { work, calls, outbox } = desk(items(2));
    calls.send.mockImplementationOnce(() => refused(409)).mockImplementationOnce(() => refused(409));
    await settle();
    outbox.post("assignments/1/exposure/end", {});
    work.answer(work.item!, "sketch", { sketch: { strokes: [] } });
    await settle();
    calls.send.mockClear();
    work.sendAgain();
    await settle();
    expect(paths(calls.send)).toEqual(["assignments/1/exposure/end", "assignments/1/sketch"]);
  });

  it("is not handed out again meanwhile", async () => {
    const { work, calls } = desk(items(9));
    calls.send.mockImplementationOnce(() => refused(409));
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    expect(calls.next.mock.calls.at(-1)).toEqual([2, expect.arrayContaining([1])]);
  });

  it("to a practice task does not end the work", async () => {
    const { work, calls } = desk([triplet(1, { training: {} }), triplet(2)]);
    calls.send.mockImplementationOnce(() => refused(409));
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    expect(work.item?.id).toBe(2);
  });
});

describe("a browser that is signed out", () => {
  it("keeps its answers, and sends them after joining again", async () => {
    const { work, calls, outbox } = desk(items(9));
    await settle();
    calls.send.mockImplementation(() => refused(401));
    work.answer(work.item!, "vote", { choice: "left" });
    await settle();
    expect([work.phase.kind, outbox.locked?.status]).toEqual(["item", 401]); // what is shown is not interrupted
    work.answer(work.item!, "vote", { choice: "left" });
    work.signIn();
    calls.send.mockClear();
    calls.send.mockImplementation(async () => receipt());
    await work.join(null);
    await settle();
    expect(paths(calls.send)).toEqual([1, 2].map((id) => `assignments/${id}/vote`));
    expect([work.phase.kind, outbox.unsaved]).toEqual(["item", 0]);
  });

  it("asks to join again at once if it waits for a practice answer", async () => {
    const { work, calls } = desk([triplet(1, { training: {} })]);
    calls.send.mockImplementation(() => refused(401));
    await settle();
    work.answer(work.item!, "vote", {});
    await settle();
    expect([work.phase.kind, work.outbox.waiting]).toEqual(["welcome", 1]);
  });
});

describe("leases", () => {
  const soon = new Date(Date.now() + 60_000).toISOString();

  it("that end soon are renewed", async () => {
    const { work, calls } = desk([triplet(1, { lease_expires_at: soon }), triplet(2)]);
    await settle();
    await work.tick();
    expect(calls.renew.mock.calls).toEqual([[1]]);
    expect(work.item?.lease_expires_at).toMatch(/^2999/);
  });

  it("that are lost to others are dropped", async () => {
    const { work, calls } = desk([triplet(1, { lease_expires_at: soon }), triplet(2)]);
    calls.renew.mockImplementation(() => refused(409));
    await settle();
    await work.tick();
    expect(work.item?.id).toBe(2);
  });

  it("that ended unseen are not shown", async () => {
    const { work } = desk([triplet(1), triplet(2, { lease_expires_at: "2001-01-01T00:00:00Z" }), triplet(3)]);
    await settle();
    work.answer(work.item!, "vote", {});
    expect(work.item?.id).toBe(3);
  });
});

describe("a worker who may not continue", () => {
  it.each([
    [{ qualified: false }, "stopped"],
    [{ blocked: true, block_reason: "Too fast." }, "stopped"],
    [{}, "problem"],
  ])("sees the reason: %o", async (status, kind) => {
    const { work, calls } = desk([], {}, false);
    calls.next.mockImplementation(() => refused(403));
    calls.me.mockImplementation(async () => standing("none_left", "", status));
    await work.join(null);
    expect(work.phase.kind).toBe(kind);
  });

  it("is stopped even if the server just assigns nothing more, and led back to the panel", async () => {
    const { work, calls } = desk([], {}, false);
    const back = { ...ENDED, ending: "screened_out" as const, completion_url: "https://panel.example/out" };
    calls.me.mockImplementation(async () => standing("unqualified", "screened_out", { qualified: false }));
    calls.complete.mockImplementation(async () => back);
    await work.join(null);
    await settle();
    expect([work.phase.kind, work.earnings.ended]).toEqual(["stopped", back]);
  });

  it("must consent again if their identity is gone", async () => {
    const { work, calls } = desk([], {}, false);
    calls.next.mockImplementation(() => refused(401));
    await work.join(null);
    expect(work.phase.kind).toBe("welcome");
  });
});
