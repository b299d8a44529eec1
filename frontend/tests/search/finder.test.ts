// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Finder } from "../../src/search/live/finder";
import { body, hit, product } from "./helpers";

const sockets: { onclose: (() => void) | null }[] = [];
const fetched: { path: string; init: RequestInit }[] = [];
let answer: () => Promise<Response>;

const json = (value: object, status = 200) => Promise.resolve(new Response(JSON.stringify(value), { status }));
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const sketch = { width: 600, height: 600, strokes: [[[1, 1, 0, 0.5]]] };

beforeEach(() => {
  fetched.length = 0;
  vi.stubGlobal(
    "WebSocket",
    class {
      onclose: (() => void) | null = null;
      constructor() {
        sockets.push(this);
      }
      close() {}
    },
  );
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    fetched.push({ path, init });
    return answer();
  });
  URL.createObjectURL = () => "blob:preview";
  URL.revokeObjectURL = () => undefined;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the finder", () => {
  it("answers over REST while there is no socket", async () => {
    answer = () => json(body(3));
    const finder = new Finder("ws://none/");
    finder.session.submit(() => sketch);
    await settled();
    expect(fetched[0].path).toBe("/api/v1/search");
    expect(JSON.parse(String(fetched[0].init.body))).toEqual({ sketch, k: 24, category: null });
    expect(finder.body?.results[0].product.id).toBe(3);
    expect(finder.isLive).toBe(false);
  });

  it("shows similar products and returns to the drawing", async () => {
    answer = () => json({ results: [hit(8)] });
    const finder = new Finder("ws://none/");
    await finder.similarTo(product(7));
    expect(fetched[0].path).toBe("/api/v1/products/7/similar?k=24");
    expect(finder.body?.results[0].product.id).toBe(8);
    finder.leaveAside();
    expect(finder.aside).toBeNull();
    expect(finder.body).toBeNull();
  });

  it("passes on the strokes traced from a sketch image", async () => {
    answer = () => json({ ...body(1), mode: "sketch", sketch });
    const finder = new Finder("ws://none/");
    const traced = vi.fn();
    finder.events.on("traced", traced);
    await finder.searchImage(new Blob(["x"]));
    expect((fetched[0].init.body as FormData).get("mode")).toBe("auto");
    expect(traced).toHaveBeenCalledWith(sketch);
    expect(finder.aside).toMatchObject({ kind: "image", mode: "sketch" });
  });

  it("clears the results of one image when the next is sent, and keeps them while the same is searched otherwise", async () => {
    answer = () => json({ ...body(1), mode: "photo", sketch: null });
    const finder = new Finder("ws://none/");
    const image = new Blob(["x"]);
    await finder.searchImage(image);
    const again = finder.searchImage(image, "sketch");
    expect(finder.body).not.toBeNull();
    await again;
    const next = finder.searchImage(new Blob(["y"]));
    expect(finder.body).toBeNull();
    await next;
    expect(finder.body).not.toBeNull();
  });

  it("clears the results when an image is refused, and shows only the last of two uploads", async () => {
    answer = () => json({ ...body(1), mode: "photo", sketch: null });
    const finder = new Finder("ws://none/");
    const image = new Blob(["x"]);
    await finder.searchImage(image);
    answer = () => json({ title: "Bad Request", status: 400 }, 400);
    await finder.searchImage(image, "sketch");
    expect(finder.body).toBeNull();
    expect(finder.trouble).not.toBeNull();
    answer = () => json({ ...body(2), mode: "photo", sketch: null });
    await Promise.all([finder.searchImage(new Blob(["slow"])), finder.searchImage(new Blob(["last"]))]);
    expect(finder.trouble).toBeNull();
    expect(finder.body?.results[0].product.id).toBe(2);
  });

  it("shows the server's problem with its field", async () => {
    const problem = { title: "Bad Request", status: 400, detail: "image: no picture", field: "image" };
    answer = () => json(problem, 400);
    const finder = new Finder("ws://none/");
    await finder.searchImage(new Blob(["x"]));
    expect(finder.trouble).toEqual({ kind: "problem", problem });
  });

  it("reports a server that accepts requests and does not answer, and recovers by itself", async () => {
    vi.useFakeTimers();
    answer = () => new Promise(() => undefined);
    const finder = new Finder("ws://none/");
    finder.session.submit(() => sketch);
    await vi.advanceTimersByTimeAsync(5_900);
    expect(finder.trouble).toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(finder.trouble).toEqual({ kind: "silent" });
    answer = () => json(body(3));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(finder.trouble).toBeNull();
    expect(finder.body?.results[0].product.id).toBe(3);
  });

  it("reports when there is no answer", async () => {
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    const finder = new Finder("ws://none/");
    await finder.similarTo(product(7));
    expect(finder.trouble).toEqual({ kind: "offline" });
  });
});
