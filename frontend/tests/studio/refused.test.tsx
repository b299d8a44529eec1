// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Form } from "../../src/studio/campaigns/Form";

const CAMPAIGN = {
  id: 7,
  kind: "sketches",
  title: "Chairs",
  slug: "chairs",
  instructions: "",
  completion_code: "",
  status: "open",
  access: "panel",
  settings: {
    partial_pay: { kind: "share", value: 0.5 },
    bonus: { kind: "agreement", amount: 1, above: 0.7, least: 4 },
    translations: {},
  },
};
const OTHER = { id: 8, kind: "triplets", title: "Lamps", status: "closed", n_workers: 3 };

let errors: { field: string; message: string }[];
let scrolled: Element[];

beforeEach(() => {
  scrolled = [];
  vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(function (this: Element) {
    scrolled.push(this);
  });
  vi.stubGlobal("fetch", (url: string, { method }: RequestInit) => {
    if (method !== "GET") {
      const detail = `${errors[0]?.field}: ${errors[0]?.message}`;
      const problem = { title: "Bad Request", status: 400, detail, field: errors[0]?.field, errors };
      return Promise.resolve(new Response(JSON.stringify(problem), { status: 400 }));
    }
    return Promise.resolve(new Response(JSON.stringify(url.includes("?") ? { results: [OTHER] } : CAMPAIGN)));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const pause = () => act(() => new Promise((resolve) => setTimeout(resolve)));

async function refused(id: number | null, ...all: [field: string, message: string][]): Promise<HTMLElement> {
  errors = all.map(([field, message]) => ({ field, message }));
  document.documentElement.lang = "en";
  document.body.innerHTML = `<div id="here"></div>`;
  const here = document.getElementById("here") as HTMLElement;
  await act(() => render(<Form id={id} />, here));
  await pause();
  await act(() => void here.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true })));
  await pause();
  return here;
}

const marked = (here: HTMLElement) => [...here.querySelectorAll<HTMLInputElement>("[aria-invalid=true]")];
const labelOf = (input: HTMLInputElement) => input.labels?.[0]?.textContent;
const messageOf = (input: HTMLInputElement) =>
  document.getElementById(input.getAttribute("aria-describedby")?.split(" ")[0] ?? "")?.textContent;

describe("a refused campaign", () => {
  it("marks the field, says beside it what is wrong, and brings it into view with the focus", async () => {
    const here = await refused(null, ["settings", "completion_url: a URL that starts with https:// or http://"]);
    const [url] = marked(here);
    expect([labelOf(url!), messageOf(url!)]).toEqual([
      "Panel return URL",
      "a URL that starts with https:// or http://",
    ]);
    expect([marked(here).length, document.activeElement, scrolled]).toEqual([1, url, [url]]);
    expect(here.querySelector("[role=alert]")?.textContent).toBe(
      "Nothing was saved. Please correct the marked fields.",
    );
    expect(here.textContent).not.toContain("completion_url");
  });

  it.each([
    [["title", "blank"], "Title"],
    [["slug", "taken"], "Page URL"],
    [["instructions", "long"], "Instructions"],
    [["settings", "exposure_s: a number"], "Viewing time (s)"],
    [["votes_per_task", "fixed"], "Answers per task"],
    [["gold_share", "large"], "Gold tasks (%)"],
    [["qualification_share", "large"], "Practice pass mark (%)"],
    [["session_cap", "large"], "Answers per session"],
    [["break_every", "large"], "Answers between breaks"],
    [["undo_steps", "large"], "Answers that can be undone"],
    [["lease_s", "large"], "Time per task (s)"],
    [["access", "unknown"], "Who may join"],
    [["required_answers", "large"], "Answers required for the code"],
    [["settings", "reward: a number"], "Pay for finishing"],
    [["settings.reward", "fixed"], "Pay for finishing"],
    [["settings", "partial_pay: needs a reward"], "Pay for ending early"],
    [["settings", "partial_pay: value: a number"], "Share (%)"],
    [["settings.partial_pay.value", "a number"], "Share (%)"],
    [["settings", "bonus: of kind gold"], "Bonus"],
    [["settings", "bonus: amount: a number"], "Bonus amount"],
    [["settings", "bonus: above: a number"], "Agreement of at least (%)"],
    [["settings", "bonus: least: a whole number"], "Comparable answers, at least"],
    [["settings", "cost_per_answer: a number"], "Cost per answer"],
    [["settings", "spending_cap: a number"], "Spending cap"],
    [["settings", "currency: long"], "Currency"],
    [["completion_code", "long"], "Completion code"],
    [["settings", "endings: screened_out.code: long"], "Code: screened out by the practice"],
    [["settings", "endings: refused.url: a URL"], "Return URL: not admitted"],
    [["settings", "licence: long"], "Licence of the data"],
    [["settings", "exclude_campaigns: there is no campaign 8"], "Lamps 3 participants"],
  ] as const)("marks the field of %o on the page of its settings", async ([field, message], label) => {
    const here = await refused(7, [field, message]);
    expect(marked(here).map((input) => labelOf(input)?.trim())).toEqual([label]);
    expect(here.querySelector(".form-error")?.textContent).toBe(message.split(": ").at(-1));
  });

  it("opens the German version for an error in it", async () => {
    const here = await refused(7, ["settings", 'translations: {"de": {"title", "instructions"}}']);
    const [title] = marked(here);
    expect([labelOf(title!), title?.closest("details")?.open]).toEqual(["Title (Deutsch)", true]);
  });

  it("marks several fields, and takes the mark away from one that is corrected", async () => {
    const here = await refused(7, ["settings", "reward: a number"], ["title", "blank"]);
    expect([labelOf(marked(here)[0]!), marked(here).length, document.activeElement]).toEqual([
      "Title",
      2,
      marked(here)[0],
    ]);
    await act(() => void marked(here)[0]?.dispatchEvent(new Event("input", { bubbles: true })));
    expect(marked(here).map(labelOf)).toEqual(["Pay for finishing"]);
  });

  it("shows what is about no field of the form as it is, in view", async () => {
    const here = await refused(7, ["settings", "attributes_from: the id of an attribute table"]);
    const box = here.querySelector("[role=alert]");
    expect(box?.textContent).toContain("attributes_from: the id of an attribute table");
    expect([marked(here), scrolled]).toEqual([[], [box]]);
  });
});
