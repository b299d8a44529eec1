// @vitest-environment happy-dom
import { render } from "preact";
import { beforeEach, describe, expect, it } from "vitest";
import { Editor } from "../../src/ink/editor";
import { overlayPath } from "../../src/search/dialogs/overlay";
import { Notice } from "../../src/search/results/Notice";
import { ResultCard } from "../../src/search/results/ResultCard";
import { actOnKey } from "../../src/shared/shortcuts";
import { isTyping } from "../../src/shared/typing";
import { stroke } from "../ink/helpers";
import { hit } from "./helpers";

beforeEach(() => {
  document.body.innerHTML = `<div id="here"></div>`;
});

const here = () => document.getElementById("here") as HTMLElement;

describe("a result", () => {
  it("links to the product and says in words how close it is and what was folded", () => {
    render(
      <ResultCard
        hit={hit(5, { match: "fair", folded: 2 })}
        onWhy={() => undefined}
        onSimilar={() => undefined}
        onOpen={() => undefined}
      />,
      here(),
    );
    expect(here().querySelector("a")?.getAttribute("href")).toBe("/p/5-chair/");
    expect(here().textContent).toContain("fair match");
    expect(here().textContent).toContain("+2 similar");
    expect(here().querySelectorAll(".match-bar .on")).toHaveLength(2);
  });

  it("has buttons that name their product", () => {
    render(
      <ResultCard hit={hit(5)} onWhy={() => undefined} onSimilar={() => undefined} onOpen={() => undefined} />,
      here(),
    );
    const names = [...here().querySelectorAll("button")].map((button) => button.getAttribute("aria-label"));
    expect(names).toEqual(["Why this match: Chair 5", "More like this: Chair 5"]);
  });
});

describe("near-identical products", () => {
  it("are listed when their number is pressed", () => {
    const asked: number[] = [];
    render(
      <ResultCard
        hit={hit(5, { folded: 2 })}
        onWhy={null}
        onSimilar={({ id }) => asked.push(id)}
        onOpen={() => undefined}
      />,
      here(),
    );
    here().querySelector<HTMLButtonElement>("button.folded")?.click();
    expect(asked).toEqual([5]);
  });
});

describe("a notice", () => {
  it("names the field the server refused", () => {
    const problem = {
      title: "Bad Request",
      status: 400,
      detail: "sketch.strokes[3]: 12001 points, at most 10000",
      errors: [{ field: "sketch.strokes[3]", message: "12001 points, at most 10000" }],
    };
    render(<Notice trouble={{ kind: "problem", problem }} onAgain={() => undefined} />, here());
    expect(here().querySelector("[role=alert] code")?.textContent).toBe("sketch.strokes[3]");
  });

  it.each([
    [400, "no lines found", "no lines found"],
    [413, "body: more than the site accepts", "The file is too large."],
  ])("says once, in words, why an image was refused with status %i", (status, message, said) => {
    const problem = { title: "Refused", status, detail: `image: ${message}`, errors: [{ field: "image", message }] };
    render(<Notice trouble={{ kind: "problem", problem }} isUpload onAgain={() => undefined} />, here());
    expect(here().textContent).toBe(`This image cannot be searched: ${said}`);
  });
});

describe("the overlay", () => {
  it("fits the ink's box to the product's box", () => {
    const path = overlayPath([stroke(100, 200, 300, 600, 2)], [0.1, 0.2, 0.9, 0.8]);
    expect(path).toBe("M100 200L900 800");
  });

  it("centres a drawing without extent", () => {
    expect(overlayPath([stroke(5, 5, 5, 5, 1)], [0, 0, 1, 1])).toBe("M500 500L500 500");
    expect(overlayPath([], null)).toBe("");
  });
});

describe("shortcuts", () => {
  const key = (name: string, more: object = {}) => ({
    key: name,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...more,
  });

  it("undo and redo with and without Ctrl", () => {
    const editor = new Editor();
    const target = { editor, singleKeys: true, setBrush: () => undefined };
    editor.load([stroke(0, 0, 9, 9)]);
    expect(actOnKey(key("z"), target)).toBe(true);
    expect(editor.drawing).toHaveLength(0);
    actOnKey(key("Z", { shiftKey: true, ctrlKey: true }), target);
    expect(editor.drawing).toHaveLength(1);
  });

  it("ignore single keys when those are off", () => {
    const editor = new Editor();
    const target = { editor, singleKeys: false, setBrush: () => undefined };
    expect(actOnKey(key("e"), target)).toBe(false);
    expect(editor.tool).toBe("pen");
    expect(actOnKey(key("z", { metaKey: true }), target)).toBe(true);
  });

  it("do nothing while typing", () => {
    here().innerHTML = `<input id="text"><input id="range" type="range"><button id="button"></button>`;
    const typing = (id: string) => isTyping(document.getElementById(id));
    expect([typing("text"), typing("range"), typing("button")]).toEqual([true, false, false]);
  });
});
