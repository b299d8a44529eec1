// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EmbeddedSearch } from "../../src/embed/search";
import { Server } from "../../src/embed/server";
import { body } from "../search/helpers";

const sketch = { width: 600, height: 600, strokes: [[[1, 1, 0, 0.5]]] };
const greeting = { invitation: { names: ["Shoe"], sketch: null, words: [] }, examples: [] };
const REFUSED = { status: 403, title: "Forbidden", detail: "key: revoked", field: "key" };

/** Answers by path; undefined: the browser withholds the answer. */
let answers: Record<string, [status: number, content: object] | undefined>;
let search: EmbeddedSearch;
let opened: number;

beforeEach(() => {
  vi.useFakeTimers();
  opened = 0;
  answers = { "/api/v1/embed/": [200, greeting], "/api/v1/search": [200, body(1, 2)] };
  vi.stubGlobal(
    "WebSocket",
    class {
      constructor() {
        opened++;
      }
      close() {}
    },
  );
  vi.stubGlobal("fetch", (url: string) => {
    const answer = answers[new URL(url).pathname];
    if (!answer) return Promise.reject(new TypeError("Failed to fetch"));
    return Promise.resolve(new Response(JSON.stringify(answer[1]), { status: answer[0] }));
  });
});

afterEach(() => {
  search.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function started(): Promise<void> {
  search = new EmbeddedSearch(new Server("https://search.example", "pk_1", "en"));
  await vi.advanceTimersByTimeAsync(0);
}

describe("an embedded search", () => {
  it("is greeted, then searches over HTTP until its socket is open", async () => {
    await started();
    expect(search.greeting).toEqual(greeting);
    expect(opened).toBe(1);
    search.session.submit(() => sketch);
    await vi.advanceTimersByTimeAsync(0);
    expect(search.answer?.results).toHaveLength(2);
  });

  it("that is refused opens no socket and says so", async () => {
    answers["/api/v1/embed/"] = [403, REFUSED];
    await started();
    expect(search.isRefused).toBe(true);
    expect(opened).toBe(0);
  });

  it("whose key is revoked later learns why its answers are withheld, and stops", async () => {
    await started();
    answers = { "/api/v1/embed/": [403, REFUSED] };
    search.session.submit(() => sketch);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(search.isRefused).toBe(true);
    expect(search.searching).toBe(false);
  });

  it("without a connection is greeted once it is back", async () => {
    answers = {};
    await started();
    expect(search.trouble).toEqual({ kind: "offline" });
    answers = { "/api/v1/embed/": [200, greeting] };
    dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(search.trouble).toBeNull();
    expect(search.greeting).toEqual(greeting);
  });

  it("looks at similar products until something is drawn, and again after a failure", async () => {
    await started();
    search.session.submit(() => sketch);
    await vi.advanceTimersByTimeAsync(0);
    const { product } = search.answer!.results[0]!;
    void search.similarTo(product);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(search.aside).toEqual({ product, results: null });
    expect(search.trouble).not.toBeNull();
    answers[`/api/v1/products/${product.id}/similar`] = [200, body(7, 8, 9)];
    search.again();
    await vi.advanceTimersByTimeAsync(0);
    expect(search.aside?.results).toHaveLength(3);
    expect(search.trouble).toBeNull();
    search.leaveAside();
    expect(search.aside).toBeNull();
    expect(search.answer?.results).toHaveLength(2);
  });
});
