import { afterEach, describe, expect, it, vi } from "vitest";
import { Server } from "../../src/embed/server";
import { ProblemError } from "../../src/shared/api/client";
import { body, product } from "../search/helpers";

const server = new Server("https://search.example", "pk_1", "de");

afterEach(() => vi.unstubAllGlobals());

describe("a result's link", () => {
  it("leads to the product's page on the search's site", () => {
    expect(server.linkOf(product(3), "", 1)).toBe("https://search.example/p/3-chair/");
  });

  it("leads to the shop if the product has a page there", () => {
    const sold = { ...product(3), link: "https://shop.example/chairs/3?colour=red" };
    expect(server.linkOf(sold, "", 1)).toBe("https://shop.example/chairs/3?colour=red");
  });

  it.each(["https://1.2.3.4.5/", "https://a^b.com/", "https://%/", "https://", "//"])(
    "leads to the search's site if the shop's link %s cannot be opened",
    (link) => {
      const sold = { ...product(3), link };
      expect(server.linkOf(sold, "", 1)).toBe("https://search.example/p/3-chair/");
    },
  );

  it("carries the answer's id and the rank if the answer has an id", () => {
    const url = new URL(server.linkOf({ ...product(3), link: "https://shop.example/3?a=b" }, "signed:1", 2));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      a: "b",
      sketchfind_answer: "signed:1",
      sketchfind_rank: "2",
    });
  });
});

describe("a request", () => {
  it("names the key and the language, and carries no cookie", async () => {
    const sent: [string, RequestInit][] = [];
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      sent.push([url, init]);
      return Promise.resolve(new Response(JSON.stringify(body(1))));
    });
    await server.search({ sketch: { width: 1, height: 1, strokes: [] }, k: 3, category: null });
    const [url, init] = sent[0];
    expect(url).toBe("https://search.example/api/v1/search?key=pk_1");
    expect(init).toMatchObject({ method: "POST", credentials: "omit", headers: { "Accept-Language": "de" } });
    expect(server.socketUrl).toBe("wss://search.example/ws/search/?key=pk_1&lang=de");
  });

  it("that is refused says why", async () => {
    const problem = { status: 403, title: "Forbidden", detail: "key: unknown", field: "key" };
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(problem), { status: 403 })));
    await expect(server.embed()).rejects.toThrow(ProblemError);
  });
});
