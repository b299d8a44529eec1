import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionLost, ProblemError } from "../../../src/shared/api/client";
import { Outbox } from "../../../src/work/shell/session/outbox";
import { newKey, pendingRequestStore } from "../../../src/work/shell/session/pendingRequests";
import type { PendingRequest } from "../../../src/work/shell/session/pendingRequests";
import { countingKeys, memoryStorage, settle } from "./helpers";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const problem = (status: number, retry_after_s?: number) =>
  new ProblemError({ title: "No", status, ...(retry_after_s ? { retry_after_s } : {}) });

function outbox(send: (request: PendingRequest) => Promise<string>, storage = memoryStorage()) {
  return new Outbox(pendingRequestStore(1, storage), send, countingKeys());
}

describe("the outbox", () => {
  it("sends one by one, in order, each under its key", async () => {
    const send = vi.fn(async ({ path }: PendingRequest) => path);
    const box = outbox(send);
    box.post("a", { choice: "left" });
    box.post("b", {});
    await settle();
    expect(send.mock.calls.map(([{ path, body }]) => [path, body])).toEqual([
      ["a", { choice: "left", idempotency_key: "k1" }],
      ["b", { idempotency_key: "k2" }],
    ]);
    expect(box.waiting).toBe(0);
  });

  it("keeps unconfirmed requests over a reload, and sends them with the same key", async () => {
    const storage = memoryStorage();
    outbox(() => Promise.reject(new ConnectionLost("away")), storage).post("a", {});
    await settle();
    const send = vi.fn(async () => "ok");
    const reloaded = outbox(send, storage);
    expect(reloaded.waiting).toBe(1);
    await reloaded.flush();
    expect(send).toHaveBeenCalledWith(expect.objectContaining({ key: "k1", body: { idempotency_key: "k1" } }));
    expect(storage.length).toBe(0);
  });

  it("retries by itself, with growing delays", async () => {
    const send = vi.fn(async () => "ok");
    send.mockRejectedValueOnce(new ConnectionLost("away")).mockRejectedValueOnce(problem(503));
    const box = outbox(send);
    box.post("a", {});
    await settle();
    expect([box.waiting, box.isStuck]).toEqual([1, true]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([send.mock.calls.length, box.waiting, box.isStuck]).toEqual([3, 0, false]);
  });

  it("waits as long as the server demands", async () => {
    const send = vi.fn(async () => "ok");
    send.mockRejectedValueOnce(problem(429, 30));
    const box = outbox(send);
    box.post("a", {});
    await vi.advanceTimersByTimeAsync(29_000);
    expect(send).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(box.waiting).toBe(0);
  });

  it.each([400, 404, 409, 410, 422])(
    "keeps what is refused (%i), sends the rest, and sends it again in order",
    async (status) => {
      const send = vi.fn(async (_request: PendingRequest) => "ok");
      send.mockRejectedValueOnce(problem(status)).mockRejectedValueOnce(problem(status));
      const storage = memoryStorage();
      const box = outbox(send, storage);
      box.post("a", { choice: "left" });
      box.post("b", {});
      box.post("c", {});
      await settle();
      expect([box.refused.map(({ request }) => request.path), box.waiting, box.unsaved]).toEqual([["a", "b"], 0, 2]);
      expect(outbox(send, storage).pending.map(({ path }) => path)).toEqual(["a", "b"]); // also after a reload
      send.mockClear();
      box.sendAgain();
      await settle();
      expect(send.mock.calls.map(([{ path, body }]) => [path, body])).toEqual([
        ["a", { choice: "left", idempotency_key: "k1" }],
        ["b", { idempotency_key: "k2" }],
      ]);
      expect([box.unsaved, storage.length]).toEqual([0, 0]);
    },
  );

  it("forgets refused requests only when told so", async () => {
    const send = vi.fn(() => Promise.reject(problem(409)));
    const storage = memoryStorage();
    const box = outbox(send, storage);
    box.post("a", {});
    await settle();
    box.discard();
    expect([box.unsaved, storage.length]).toEqual([0, 0]);
  });

  it.each([401, 403])("waits with everything (%i) until somebody has signed in", async (status) => {
    const send = vi.fn(async (_request: PendingRequest) => "ok");
    send.mockRejectedValueOnce(problem(status));
    const box = outbox(send);
    box.post("a", {});
    await settle();
    box.post("b", {});
    await vi.advanceTimersByTimeAsync(60_000);
    expect([send.mock.calls.length, box.waiting, box.locked?.status]).toEqual([1, 2, status]);
    await box.flush();
    expect([send.mock.calls.map(([{ path }]) => path), box.waiting, box.locked]).toEqual([["a", "a", "b"], 0, null]);
  });

  it("works without storage", async () => {
    const full = { ...memoryStorage(), setItem: () => { throw new Error("full"); } }; // prettier-ignore
    const send = vi.fn(async () => "ok");
    const box = outbox(send, full);
    box.post("a", {});
    expect(box.isOnlyInMemory).toBe(true);
    await settle();
    expect([send.mock.calls.length, box.waiting, box.isOnlyInMemory]).toEqual([1, 0, false]);
  });
});

describe("requests of two campaigns", () => {
  it("are separate", () => {
    const storage = memoryStorage();
    pendingRequestStore(1, storage).put({ key: "k", path: "a", body: {}, at: 1 });
    expect([pendingRequestStore(1, storage).all().length, pendingRequestStore(11, storage).all().length]).toEqual([
      1, 0,
    ]);
  });
});

describe("a key", () => {
  it("is a UUID, a different one each time", () => {
    const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
    const [a, b] = [newKey(), newKey()];
    expect(a).toMatch(uuid);
    expect(a).not.toBe(b);
  });
});
