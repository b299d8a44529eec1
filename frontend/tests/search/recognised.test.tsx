// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Finder } from "../../src/search/live/finder";
import { Recognised } from "../../src/search/results/Recognised";
import { Words } from "../../src/search/results/Words";
import type { RecognisedName } from "../../src/shared/api/types";
import { body } from "./helpers";

const sketch = { width: 600, height: 600, strokes: [[[1, 1, 0, 0.5]]] };
const name = (label: string, n_products = 3): RecognisedName => ({ name: label, label, probability: 0.4, n_products });
const CLOCKS = [name("clock"), name("alarm clock"), name("wristwatch", 0)];

let finder: Finder;
let sent: Record<string, unknown>[];
let answer: object;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answer = { ...body(1), recognised: { sure: true, names: CLOCKS } };
  vi.stubGlobal(
    "WebSocket",
    class {
      close() {}
    },
  );
  vi.stubGlobal("fetch", (_: string, { body: text }: RequestInit) => {
    sent.push(JSON.parse(String(text)) as Record<string, unknown>);
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
  document.body.innerHTML = `<div id="here"></div>`;
  finder = new Finder("ws://none/");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const here = () => document.getElementById("here") as HTMLElement;
const chips = () => [...here().querySelectorAll<HTMLElement>(".chip")];
const chip = (label: string) => chips().find(({ textContent }) => textContent === label) as HTMLElement;
const show = (hasInk = true) => render(<Recognised finder={finder} hasInk={hasInk} />, here());

async function drawn(): Promise<void> {
  finder.session.submit(() => sketch);
  await vi.advanceTimersByTimeAsync(0);
  show();
}

async function press(label: string): Promise<void> {
  chip(label).click();
  await vi.advanceTimersByTimeAsync(0);
  show();
}

describe("recognised names", () => {
  it("narrow the results while pressed, one at a time", async () => {
    await drawn();
    expect(sent[0]).toEqual({ sketch, k: 24, category: null });
    await press("clock");
    expect(sent.at(-1)).toMatchObject({ name: "clock" });
    await press("alarm clock");
    expect(sent.at(-1)).toMatchObject({ name: "alarm clock" });
    expect(chips().map((one) => one.getAttribute("aria-pressed"))).toEqual(["false", "true", null, "false"]);
    await press("alarm clock");
    expect(sent.at(-1)).toEqual({ sketch, k: 24, category: null });
  });

  it("make way for the shape with “None of these”", async () => {
    await drawn();
    await press("clock");
    await press("None of these");
    expect(sent.at(-1)).toEqual({ sketch, k: 24, category: null, by_shape: true });
    expect(chip("clock").getAttribute("aria-pressed")).toBe("false");
    await press("None of these");
    expect(sent.at(-1)).not.toHaveProperty("by_shape");
  });

  it("that are not sold are no buttons", async () => {
    await drawn();
    const unsold = chips()[2];
    expect(unsold.tagName).toBe("SPAN");
    expect(unsold.title).toBe("wristwatch: not sold here");
    expect(unsold.textContent).toContain("not sold here");
  });

  it("are questions while the server is not sure", async () => {
    answer = { ...body(1), recognised: { sure: false, names: CLOCKS } };
    await drawn();
    expect(chips()[0].textContent).toBe("clock?");
    expect(here().querySelector("[role=group]")?.getAttribute("aria-label")).toBe("Not sure what this is");
  });

  it("keep the chosen one when the drawing no longer looks like it", async () => {
    await drawn();
    await press("clock");
    answer = { ...body(1), recognised: { sure: true, names: [name("plate")] } };
    await drawn();
    expect(chips().map(({ textContent }) => textContent)).toEqual(["clock", "plate", "None of these"]);
    await press("clock");
    expect(chip("clock")).toBeUndefined();
  });

  it("are forgotten with the drawing, the words are not", async () => {
    await drawn();
    await press("clock");
    finder.narrow({ text: "red" });
    finder.session.reset();
    finder.forgetName();
    await drawn();
    expect(sent.at(-1)).toEqual({ sketch, k: 24, category: null, text: "red" });
  });

  it("have a text in every state, and no place where nothing is recognised", async () => {
    show(false);
    expect(here().textContent).toBe("What you draw is named here.");
    show();
    expect(here().textContent).toBe("Recognising…");
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await drawn();
    expect(here().textContent).toBe("Names appear once the server answers again.");
    answer = { ...body(1), recognised: null };
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(answer))));
    finder.again();
    await vi.advanceTimersByTimeAsync(0);
    show();
    expect(here().children).toHaveLength(0);
  });
});

describe("the words", () => {
  const input = () => here().querySelector("input") as HTMLInputElement;
  const type = (text: string) =>
    act(() => {
      input().value = text;
      input().dispatchEvent(new Event("input", { bubbles: true }));
    });

  it("are searched once typing pauses, and at once when cleared", async () => {
    await drawn();
    act(() => render(<Words finder={finder} examples={[]} />, here()));
    await type("r");
    await type("red ");
    await vi.advanceTimersByTimeAsync(300);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.at(-1)).toMatchObject({ text: "red" });
    expect(input().value).toBe("red ");
    await act(() => here().querySelector<HTMLButtonElement>("[aria-label='Clear words']")?.click());
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.at(-1)).not.toHaveProperty("text");
    expect(input().value).toBe("");
  });
});
