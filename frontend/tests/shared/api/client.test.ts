// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "../../../src/shared/api/client";

afterEach(() => vi.unstubAllGlobals());

/** The headers of each request that the pages make. */
function heard(): Headers[] {
  const headers: Headers[] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    headers.push(new Headers(init.headers));
    return new Response("{}");
  });
  return headers;
}

describe("a request", () => {
  it("has an id that the server accepts, a different one each time", async () => {
    const headers = heard();
    await api("examples/");
    await api("search", { k: 1 });
    const ids = headers.map((each) => each.get("X-Request-ID") ?? "");
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("has one on plain HTTP pages, without randomUUID", async () => {
    const headers = heard();
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    await api("examples/");
    expect(headers[0].get("X-Request-ID")).toMatch(/^[0-9a-f]{32}$/);
  });
});
