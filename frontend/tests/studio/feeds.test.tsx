// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FeedImportRow, RemoteFeed } from "../../src/shared/api/types";
import { Feeds } from "../../src/studio/imports/feeds/Feeds";

const imported = {
  id: "11",
  feed_name: "products.csv",
  status: "done",
  dry_run: false,
  complete: true,
  created: 2,
  updated: 0,
  unchanged: 10,
  refused: 0,
  withdrawn: 5,
} as FeedImportRow;

const shop: RemoteFeed = {
  id: 7,
  name: "Shop",
  url: "https://shop.example/products.csv",
  user: "",
  has_password: false,
  every_h: 6,
  complete: true,
  active: true,
  status: "queued",
  outcome: "imported",
  error: "",
  failures: 0,
  fetched_at: new Date(Date.now() - 7_200_000).toISOString(),
  due_at: new Date(Date.now() + 14_400_000).toISOString(),
  last_import: imported,
  created_at: "2026-01-01T00:00:00Z",
};

let feeds: readonly RemoteFeed[];
let sent: [method: string, path: string, body: unknown][];
let refusal: object | null;
let tokens: unknown[];

beforeEach(() => {
  feeds = [shop];
  sent = [];
  refusal = null;
  tokens = [];
  vi.stubGlobal("fetch", (url: string, { method = "GET", body, headers }: RequestInit) => {
    if (method !== "GET") tokens.push((headers as Record<string, string>)["X-CSRFToken"]);
    if (method !== "GET") sent.push([method, url.replace("/api/v1/", ""), body ? JSON.parse(String(body)) : null]);
    if (method !== "GET" && refusal) return Promise.resolve(new Response(JSON.stringify(refusal), { status: 400 }));
    if (method === "DELETE") return Promise.resolve(new Response(null, { status: 204 }));
    return Promise.resolve(new Response(JSON.stringify(method === "GET" ? feeds : shop)));
  });
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  document.body.innerHTML = `<input name="csrfmiddlewaretoken" value="token"><div id="here"></div>`;
});

afterEach(() => {
  render(null, here());
  vi.unstubAllGlobals();
});

const here = () => document.getElementById("here") as HTMLElement;
const button = (label: string) =>
  [...here().querySelectorAll("button")].filter(({ textContent }) => textContent === label).at(-1) as HTMLButtonElement;
const settled = () => act(() => new Promise((resolve) => setTimeout(resolve)));

async function press(label: string): Promise<void> {
  await act(() => button(label).click());
  await settled();
}

async function shown(...some: readonly Partial<RemoteFeed>[]): Promise<string> {
  if (some.length > 0) feeds = some.map((change, place) => ({ ...shop, id: place, ...change }));
  await act(() => render(<Feeds />, here()));
  await settled();
  return here().textContent;
}

async function type(label: string, text: string): Promise<void> {
  const field = [...here().querySelectorAll("label")].find(({ textContent }) => textContent === label);
  const input = here().querySelector(`[id="${field?.htmlFor}"]`) as HTMLInputElement;
  input.value = text;
  await act(() => void input.dispatchEvent(new Event("input", { bubbles: true })));
}

describe("the feeds by address", () => {
  it("say what the last fetch brought and when the next is due", async () => {
    expect(await shown()).toMatch(/Every 6 hours.*2 hours ago: 2 new, 10 unchanged, 5 taken off sale.*in 4 hours/);
    expect(here().querySelector("a")?.getAttribute("href")).toBe("/studio/imports/11/");
  });

  it("say why a feed waits, and lead to where it is confirmed", async () => {
    const held = { status: "held", due_at: null } as const;
    const text = await shown(
      { ...held, outcome: "columns" },
      { ...held, outcome: "columns", error: "new columns: colour" },
      { ...held, outcome: "withdrawal" },
    );
    expect(text).toContain("Confirm its columns and import it once");
    expect(text).toContain("Its columns have changed: new columns: colour. Nothing has been imported.");
    expect(text).toContain("5 products are not in the feed. Nothing has been imported.");
    expect([...here().querySelectorAll(".notice a")].map((link) => link.textContent)).toEqual([
      "Confirm",
      "Review",
      "Review",
    ]);
  });

  it("show failures, pauses and work in progress", async () => {
    const text = await shown(
      { outcome: "failed", failures: 3, error: "shop.example is too slow" },
      { active: false, due_at: null },
      { status: "running" },
    );
    expect(text).toContain("Failed 3 times in a row: shop.example is too slow");
    expect(text).toContain("Paused");
    expect(text).toContain("Being fetched…");
    expect(button("Fetch now").disabled).toBe(true);
  });

  it("can be fetched, paused and, after a question, deleted", async () => {
    await shown();
    await press("Fetch now");
    await press("Pause");
    await press("Delete");
    expect(sent).toEqual([
      ["POST", "catalog/feeds/7/fetch/", {}],
      ["PATCH", "catalog/feeds/7/", { active: false }],
    ]);
    await press("Delete");
    expect(sent.at(-1)).toEqual(["DELETE", "catalog/feeds/7/", null]);
    expect(tokens).toEqual(["token", "token", "token"]);
  });

  it("are entered in a form that names what is wrong", async () => {
    feeds = [];
    expect(await shown()).toContain("There is none yet.");
    await press("New feed");
    await type("Name", "Shop");
    await type("Address", "https://shop.example/a.csv");
    refusal = { status: 400, title: "Bad Request", errors: [{ field: "url", message: "only http and https" }] };
    await press("Save");
    expect(sent.at(-1)).toEqual([
      "POST",
      "catalog/feeds/",
      { name: "Shop", url: "https://shop.example/a.csv", every_h: 24, complete: false, user: "", password: "" },
    ]);
    expect(here().querySelector(".form-error")?.textContent).toBe("only http and https");
  });

  it("keep a stored password unless another is typed", async () => {
    await shown({ user: "me", has_password: true });
    await press("Edit");
    await press("Save");
    expect(sent.at(-1)?.[2]).not.toHaveProperty("password");
  });
});
