import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SketchPayload } from "../../src/ink/payload";
import type { Query } from "../../src/search/live/query";
import { SearchSession } from "../../src/search/live/session";
import { ConnectionLost, NoAnswer, ProblemError } from "../../src/shared/api/client";
import type { SearchBody } from "../../src/shared/api/types";
import { body } from "./helpers";

interface Call {
  readonly query: Query;
  readonly answer: (body: SearchBody) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

let calls: Call[];
let session: SearchSession;
const sketch = (width: number) => (): SketchPayload => ({ width, height: 1, strokes: [] });

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  session = new SearchSession(
    (query) =>
      new Promise((resolve, reject) => {
        calls.push({
          query,
          answer: async (answer) => {
            resolve(answer);
            await vi.advanceTimersByTimeAsync(0);
          },
          fail: async (error) => {
            reject(error);
            await vi.advanceTimersByTimeAsync(0);
          },
        });
      }),
    () => Date.now(),
  );
});

afterEach(() => void vi.useRealTimers());

describe("a search session", () => {
  it("has one query in flight, and the next contains the newest ink", async () => {
    [1, 2, 3, 4].forEach((n) => session.submit(sketch(n)));
    expect(calls.map(({ query }) => query.sketch.width)).toEqual([1]);
    await calls[0].answer(body(1));
    expect(calls.map(({ query }) => query.sketch.width)).toEqual([1, 4]);
    expect(calls[1].query.seq).toBeGreaterThan(calls[0].query.seq);
    await calls[1].answer(body(4));
    expect(session.body).toEqual(body(4));
    expect(session.searching).toBe(false);
  });

  it("queries at most four times per second while the pen is down, and at once when it is lifted", async () => {
    session.submit(sketch(1), { live: true });
    await calls[0].answer(body(1));
    session.submit(sketch(2), { live: true });
    await vi.advanceTimersByTimeAsync(200);
    expect(calls).toHaveLength(1);
    session.submit(sketch(3));
    expect(calls).toHaveLength(2);
    expect(calls[1].query.sketch.width).toBe(3);
  });

  it("sends the ink at the time of sending, not of the request", async () => {
    let width = 1;
    session.submit(sketch(0));
    session.submit(() => ({ width, height: 1, strokes: [] }));
    width = 7;
    await calls[0].answer(body(1));
    expect(calls[1].query.sketch.width).toBe(7);
  });

  it("keeps to the server's limit", async () => {
    session.minIntervalMs = 500;
    session.submit(sketch(1));
    await calls[0].answer(body(1));
    session.submit(sketch(2));
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(calls).toHaveLength(2);
  });

  it("drops answers after the sheet was cleared", async () => {
    session.submit(sketch(1));
    session.reset();
    await calls[0].answer(body(1));
    expect(session.body).toBeNull();
  });

  it("keeps the old results and retries with growing delays when the connection is lost", async () => {
    session.submit(sketch(1));
    await calls[0].answer(body(1));
    session.submit(sketch(2));
    await calls[1].fail(new ConnectionLost());
    expect(session.trouble).toEqual({ kind: "offline" });
    expect(session.body).toEqual(body(1));
    await vi.advanceTimersByTimeAsync(500);
    expect(calls).toHaveLength(3);
    await calls[2].fail(new ConnectionLost());
    await vi.advanceTimersByTimeAsync(499);
    expect(calls).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(501);
    expect(calls).toHaveLength(4);
    await calls[3].answer(body(2));
    expect(session.trouble).toBeNull();
    expect(session.body).toEqual(body(2));
  });

  it("shows a server that does not answer, also if the sheet was cleared meanwhile, and recovers by itself", async () => {
    session.submit(sketch(1));
    session.reset();
    session.submit(sketch(2));
    await calls[0].fail(new NoAnswer());
    expect(session.trouble).toEqual({ kind: "silent" });
    await vi.advanceTimersByTimeAsync(500);
    expect(calls[1].query.sketch.width).toBe(2);
    await calls[1].answer(body(2));
    expect(session.trouble).toBeNull();
  });

  it("waits as long as the server demands after too many queries", async () => {
    session.submit(sketch(1));
    await calls[0].fail(new ProblemError({ title: "Too Many Requests", status: 429, retry_after_s: 3 }));
    expect(session.trouble).toEqual({ kind: "limited", seconds: 3 });
    await vi.advanceTimersByTimeAsync(2_900);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(calls).toHaveLength(2);
  });

  it("retries a server that has no release yet", async () => {
    session.submit(sketch(1));
    await calls[0].fail(new ProblemError({ title: "Service Unavailable", status: 503, retry_after_s: 5 }));
    expect(session.trouble).toMatchObject({ kind: "problem", seconds: 5 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(calls).toHaveLength(2);
  });

  it("shows a refusal and does not repeat the query by itself", async () => {
    const problem = { title: "Bad Request", status: 400, detail: "sketch: empty", field: "sketch" };
    session.submit(sketch(1));
    await calls[0].fail(new ProblemError(problem));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.trouble).toEqual({ kind: "problem", problem });
    expect(calls).toHaveLength(1);
    session.again();
    expect(calls).toHaveLength(2);
  });

  it("queries again for another category", async () => {
    session.submit(sketch(1));
    await calls[0].answer(body(1));
    session.filters = { ...session.filters, category: "chairs" };
    session.again();
    expect(calls[1].query).toMatchObject({ category: "chairs", sketch: { width: 1 } });
  });
});
