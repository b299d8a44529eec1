import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Socket } from "../../src/search/live/socket";
import { backoffMs } from "../../src/shared/api/backoff";
import { ConnectionLost, NoAnswer, ProblemError } from "../../src/shared/api/client";
import { body } from "./helpers";

class FakeWebSocket {
  static made: FakeWebSocket[] = [];
  readonly sent: Record<string, unknown>[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor() {
    FakeWebSocket.made.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.onclose?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let socket: Socket;
let ready: boolean[];
let releases = 0;
const last = () => FakeWebSocket.made[FakeWebSocket.made.length - 1];
const query = (seq: number) => ({ seq, sketch: { width: 1, height: 1, strokes: [] }, k: 24, category: null });

beforeEach(() => {
  vi.useFakeTimers();
  FakeWebSocket.made = [];
  ready = [];
  releases = 0;
  const hooks = { onReady: (is: boolean) => ready.push(is), onRelease: () => releases++ };
  socket = new Socket("ws://test/", hooks, () => new FakeWebSocket() as unknown as WebSocket);
  socket.connect();
});

afterEach(() => void vi.useRealTimers());

describe("the socket", () => {
  it("is ready with the server's hello and knows its limit", () => {
    expect(socket.isReady).toBe(false);
    last().say({ type: "hello", limits: { max_in_flight: 1, queries_per_s: 8 } });
    expect(ready).toEqual([true]);
    expect(socket.queriesPerSecond).toBe(8);
  });

  it("stays closed once it was closed, and gives up what waits", async () => {
    last().say({ type: "hello" });
    const asked = socket.ask(query(1));
    socket.close();
    await expect(asked).rejects.toThrow(ConnectionLost);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(socket.isReady).toBe(false);
  });

  it("matches each answer to its query", async () => {
    last().say({ type: "hello" });
    const [first, second] = [socket.ask(query(1)), socket.ask(query(2))];
    last().say({ type: "results", seq: 2, ...body(22) });
    last().say({ type: "results", seq: 1, ...body(11) });
    last().say({ type: "results", seq: 1, ...body(99) });
    expect((await first).results[0].product.id).toBe(11);
    expect((await second).results[0].product.id).toBe(22);
    expect(last().sent[0]).toMatchObject({ type: "query", seq: 1, k: 24 });
  });

  it("passes a refusal on, with or without a seq", async () => {
    last().say({ type: "hello" });
    const first = socket.ask(query(1));
    last().say({ type: "error", seq: 1, problem: { title: "Bad Request", status: 400 } });
    await expect(first).rejects.toBeInstanceOf(ProblemError);
    const second = socket.ask(query(2));
    last().say({ type: "error", seq: null, problem: { title: "Too Many Requests", status: 429 } });
    await expect(second).rejects.toMatchObject({ problem: { status: 429 } });
  });

  it("loses the query with the connection and reconnects by itself", async () => {
    last().say({ type: "hello" });
    const asked = socket.ask(query(1));
    last().close();
    await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
    expect(ready).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeWebSocket.made).toHaveLength(2);
    last().say({ type: "hello" });
    expect(socket.isReady).toBe(true);
  });

  it("treats silence as a lost connection", async () => {
    last().say({ type: "hello" });
    const asked = expect(socket.ask(query(1))).rejects.toBeInstanceOf(NoAnswer);
    await vi.advanceTimersByTimeAsync(6_000);
    await asked;
    expect(socket.isReady).toBe(false);
  });

  it("opens again some time after a silence, and no more after the second in a row", async () => {
    const stayMute = async (seq: number) => {
      last().say({ type: "hello" });
      socket.ask(query(seq)).catch(() => undefined);
      await vi.advanceTimersByTimeAsync(6_000);
    };
    await stayMute(1);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakeWebSocket.made).toHaveLength(2);
    await stayMute(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeWebSocket.made).toHaveLength(2);
    socket.connect();
    last().say({ type: "hello" });
    const asked = socket.ask(query(3));
    last().say({ type: "results", seq: 3, ...body(1) });
    await asked;
    expect(socket.isDoubtful).toBe(false);
  });

  it("is opened again if the server accepts it and never greets", async () => {
    await vi.advanceTimersByTimeAsync(6_000 + 500);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  it("announces a new release", () => {
    last().say({ type: "release", release: { id: 4 } });
    expect(releases).toBe(1);
  });
});

describe("the delays between attempts", () => {
  it("double, end at twenty seconds, and spread", () => {
    expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, () => 1))).toEqual([500, 1_000, 2_000, 4_000]);
    expect(backoffMs(40, () => 1)).toBe(20_000);
    expect(backoffMs(2, () => 0)).toBe(1_000);
  });
});
