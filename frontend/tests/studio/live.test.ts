// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogLine } from "../../src/shared/api/types";
import { RunFeed } from "../../src/studio/runs/feed";

const AT = "2026-01-01T12:00:00Z";
const line = (number: number): LogLine => ({ number, at: AT, level: "info", text: `line ${number}` });
const rows = (...steps: number[]) => steps.map((step) => ({ stage: "train", step, at: AT, values: { loss: step } }));

interface FakeSocket {
  onopen?: () => void;
  onmessage?: (event: object) => void;
  onclose?: (event?: object) => void;
  readonly send: (text: string) => void;
  readonly close: () => void;
  readonly sent: unknown[];
}

function site() {
  const sockets: FakeSocket[] = [];
  const state = { status: "running", lastId: 7, steps: [0, 1], lines: [line(0), line(1)], isAway: false };
  const asked: string[] = [];
  const get = async <T>(path: string): Promise<T> => {
    if (state.isAway) throw new Error("away");
    asked.push(path);
    if (path.includes("metrics")) {
      const after = Number(new URLSearchParams(path.split("?")[1]).get("after") ?? 0);
      const steps = after < state.lastId ? state.steps : [];
      const series = { train: { step: steps, at: steps.map(() => AT), values: { loss: steps } } };
      return { last_id: state.lastId, series } as T;
    }
    if (path.includes("log")) {
      const after = Number(path.split("after=")[1]);
      return { lines: state.lines.filter(({ number }) => number > after) } as T;
    }
    return { id: 5, status: state.status, models: [] } as T;
  };
  const open = () => {
    const sent: unknown[] = [];
    const socket: FakeSocket = { send: (text) => void sent.push(JSON.parse(text)), close: vi.fn(), sent };
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  const feed = new RunFeed(5, { url: "ws://here/", get, open, pollMs: 1_000 });
  const tell = (message: object) => sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) });
  return { feed, sockets, state, asked, tell };
}

describe("a run, live", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is fetched, then sent over a socket from that point on", async () => {
    const { feed, sockets, tell } = site();
    await feed.start();
    expect([feed.series.train.step, feed.lines.length, feed.connection]).toEqual([[0, 1], 2, "polling"]);
    sockets[0].onopen?.();
    expect(sockets[0].sent).toEqual([{ type: "resume", after_metric: 7, after_log: 1 }]);
    tell({ type: "metrics", last_id: 9, rows: rows(2, 3) });
    tell({ type: "log", lines: [line(1), line(2)] });
    expect([feed.series.train.step, feed.connection]).toEqual([[0, 1, 2, 3], "live"]);
    expect(feed.lines.map(({ number }) => number)).toEqual([0, 1, 2]);
  });

  it("resumes after a lost socket from the last row and line, and misses none", async () => {
    const { feed, sockets, state, tell } = site();
    await feed.start();
    tell({ type: "metrics", last_id: 9, rows: rows(2, 3) });
    Object.assign(state, { lastId: 11, steps: [4], lines: [line(0), line(1), line(2)] });
    sockets[0].onclose?.();
    expect(feed.connection).toBe("polling");
    await vi.advanceTimersByTimeAsync(1_100);
    sockets[1].onopen?.();
    expect(sockets[1].sent).toEqual([{ type: "resume", after_metric: 11, after_log: 2 }]);
    expect(feed.series.train.step).toEqual([0, 1, 2, 3, 4]);
  });

  it("reconnects after the server closed the socket", async () => {
    const { feed, sockets, tell } = site();
    await feed.start();
    tell({ type: "state", run: { id: 5, status: "running", step: 10 } });
    expect(feed.connection).toBe("live");
    sockets[0].onclose?.({ code: 1011, wasClean: true });
    expect(feed.connection).toBe("polling");
    await vi.advanceTimersByTimeAsync(1_100);
    expect(sockets.length).toBe(2);
    feed.stop();
  });

  it("fetches models and pictures when the run ends", async () => {
    const { feed, state, tell, asked } = site();
    await feed.start();
    const before = asked.length;
    tell({ type: "state", run: { id: 5, status: "running", step: 10 } });
    expect(asked.length).toBe(before);
    state.status = "done";
    tell({ type: "state", run: { id: 5, status: "done" } });
    expect(asked.length).toBeGreaterThan(before);
    expect(feed.run?.status).toBe("done");
  });

  it("reports missing answers, keeps its content, and recovers", async () => {
    const { feed, sockets, state } = site();
    await feed.start();
    state.isAway = true;
    sockets[0].onclose?.();
    await vi.advanceTimersByTimeAsync(1_100);
    expect([feed.connection, feed.hasFailed, feed.lines.length]).toEqual(["away", true, 2]);
    state.isAway = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect([feed.connection, feed.hasFailed, sockets.length]).toEqual(["polling", false, 2]);
    feed.stop();
  });

  it("keeps the end of a long log", async () => {
    const { feed, tell } = site();
    await feed.start();
    tell({ type: "log", lines: Array.from({ length: 3_000 }, (_, i) => line(i + 2)) });
    expect([feed.lines.length, feed.lines.at(-1)?.number]).toEqual([2_000, 3_001]);
  });
});
