// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { beforeEach, expect, it } from "vitest";
import { startWork } from "../../../src/work/shell/startWork";
import { CAMPAIGN } from "./helpers";

const WORDS = "Only participants of a panel can take part.";

beforeEach(() => {
  document.documentElement.lang = "en";
  const data = { campaign: CAMPAIGN, joined: false, ended: null, panel_url: "https://panel.example/", refused: WORDS };
  document.body.innerHTML = `<div id="work"></div>
    <script type="application/json" id="page-data">${JSON.stringify({ ...data, preview: null })}</script>`;
});

async function opened(url: string): Promise<HTMLElement> {
  history.replaceState(null, "", url);
  await act(() => startWork({ pictures: () => [], shortcuts: () => [], render: () => null }));
  return document.getElementById("work") as HTMLElement;
}

it("a link that does not admit says so at once, without consent and start, and leads to the panel", async () => {
  const page = await opened("/annotate/chairs/");
  expect(page.textContent).toContain(WORDS);
  expect([page.querySelector("form"), page.querySelector("input"), page.querySelector("button")]).toEqual([
    null,
    null,
    null,
  ]);
  expect(page.querySelector("a")?.href).toBe("https://panel.example/");
});

it.each(["/annotate/chairs/#participant=abc:def", "/annotate/chairs/?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE"])(
  "a personal link and a panel's preview show the campaign: %s",
  async (url) => {
    const page = await opened(url);
    expect(page.textContent).not.toContain(WORDS);
    expect(page.querySelector("form")).not.toBeNull();
  },
);
