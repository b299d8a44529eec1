// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SiteKey } from "../../src/shared/api/types";
import { Sites } from "../../src/studio/sites/Sites";
import { frameSnippet, scriptSnippet } from "../../src/studio/sites/snippets";

const shop: SiteKey = {
  id: 7,
  name: "Shop",
  origins: ["https://shop.example"],
  public_key: "pk_1",
  public_rate: 600,
  secret_prefix: "",
  secret_rate: 1200,
  active: true,
  created_by: "operator",
  created_at: "2026-01-01T00:00:00Z",
  used_at: null,
};

let keys: readonly SiteKey[];
let sent: [method: string, path: string, body: unknown][];
let refusal: object | null;

beforeEach(() => {
  keys = [shop];
  sent = [];
  refusal = null;
  vi.stubGlobal("fetch", (url: string, { method = "GET", body }: RequestInit) => {
    const path = url.replace("/api/v1/", "");
    if (method !== "GET") sent.push([method, path, JSON.parse(String(body))]);
    if (method !== "GET" && refusal) return Promise.resolve(new Response(JSON.stringify(refusal), { status: 400 }));
    const answer = path.endsWith("rotate/") ? { ...shop, secret_key: "sk_once" } : method === "GET" ? keys : shop;
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  document.body.innerHTML = `<div id="here"></div>`;
});

afterEach(() => vi.unstubAllGlobals());

const here = () => document.getElementById("here") as HTMLElement;
const button = (label: string) =>
  [...here().querySelectorAll("button")].filter(({ textContent }) => textContent === label).at(-1) as HTMLButtonElement;
const settled = () => act(() => new Promise((resolve) => setTimeout(resolve)));

async function press(label: string): Promise<void> {
  await act(() => button(label).click());
  await settled();
}

async function shown(): Promise<void> {
  await act(() => render(<Sites />, here()));
  await settled();
}

describe("the page of site keys", () => {
  it("says that no other site may search while there are none", async () => {
    keys = [];
    await shown();
    expect(here().textContent).toContain("no other site may use the search");
  });

  it("shows a new secret key once", async () => {
    await shown();
    await press("Create secret key");
    expect(sent).toEqual([["POST", "site-keys/7/rotate/", { kind: "secret" }]]);
    expect(here().textContent).toContain("sk_once");
  });

  it("asks before it revokes or replaces", async () => {
    await shown();
    await press("Revoke");
    expect(sent).toEqual([]);
    await press("Revoke");
    expect(sent).toEqual([["PATCH", "site-keys/7/", { active: false }]]);
    await press("Replace public key");
    await press("Replace public key");
    expect(sent.at(-1)).toEqual(["POST", "site-keys/7/rotate/", { kind: "public" }]);
  });

  it("names the origin that is refused", async () => {
    refusal = {
      status: 400,
      title: "Bad Request",
      errors: [{ field: "origins[0]", message: "'shop' is not an origin" }],
    };
    await shown();
    await press("Edit");
    await press("Save");
    expect(sent.at(-1)).toMatchObject(["PATCH", "site-keys/7/", { origins: ["https://shop.example"] }]);
    expect(here().querySelector(".form-error")?.textContent).toBe("'shop' is not an origin");
  });
});

describe("what is copied", () => {
  it("contains address and key", () => {
    expect(scriptSnippet("https://search.example", "pk_1")).toBe(
      `<script src="https://search.example/embed.js" defer></script>\n<sketch-search key="pk_1"></sketch-search>`,
    );
    expect(frameSnippet("https://search.example", "pk_1")).toContain(`src="https://search.example/embed/?key=pk_1"`);
  });
});
