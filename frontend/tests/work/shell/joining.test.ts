// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionLost } from "../../../src/shared/api/client";
import { callsOf } from "../../../src/work/shell/session/calls";
import { CAMPAIGN } from "./helpers";

const PANEL = { provider: "PROLIFIC", worker: "5f1", study: "", session: "" } as const;
const fetched = vi.fn<typeof fetch>();
const bodies = () => fetched.mock.calls.map(([, init]) => JSON.parse(String(init?.body)) as Record<string, unknown>);

beforeEach(() => {
  vi.stubGlobal("fetch", fetched);
  fetched.mockImplementation(async () => new Response("{}", { status: 201 }));
  localStorage.clear();
  history.replaceState(null, "", "/annotate/chairs/");
});
afterEach(() => void fetched.mockReset());

describe("joining", () => {
  it("again after a lost answer uses the same secret", async () => {
    fetched.mockRejectedValueOnce(new TypeError("offline"));
    const { join } = callsOf(CAMPAIGN);
    await expect(join(PANEL)).rejects.toBeInstanceOf(ConnectionLost);
    await join(PANEL);
    const [first, second] = bodies();
    expect(first).toEqual({ consent: true, panel: PANEL, browser_key: expect.stringMatching(/^[\w-]{32,64}$/) });
    expect(second).toEqual(first);
  });

  it("by a personal link sends only its token, and leaves none in the URL", async () => {
    history.replaceState(null, "", "/annotate/chairs/?lang=de#participant=abc:def");
    await callsOf(CAMPAIGN).join(PANEL);
    expect(bodies()[0]).toMatchObject({ participant: "abc:def" });
    expect(bodies()[0]).not.toHaveProperty("panel");
    expect(location.href).toMatch(/\/annotate\/chairs\/\?lang=de$/);
  });

  it("that is refused keeps the link, to be tried again", async () => {
    history.replaceState(null, "", "/annotate/chairs/#participant=abc:def");
    fetched.mockResolvedValueOnce(new Response("{}", { status: 503 }));
    await expect(callsOf(CAMPAIGN).join(null)).rejects.toThrow();
    expect(location.hash).toBe("#participant=abc:def");
  });
});
