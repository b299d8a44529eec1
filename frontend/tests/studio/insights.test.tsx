// @vitest-environment happy-dom
import { render } from "preact";
import { beforeEach, describe, expect, it } from "vitest";
import { Empty } from "../../src/studio/insights/Empty";
import { PoorCategories } from "../../src/studio/insights/PoorCategories";
import { Unfound } from "../../src/studio/insights/Unfound";

const figures = { mode: "off", kept_days: 90, searches: 0, with_click: 0, mean_rank: null } as const;
const rest = { days: [], names: [], categories: [] };
const sketch = {
  width: 100,
  height: 100,
  strokes: [
    [[1, 2]],
    [
      [3, 4],
      [5, 6],
    ],
  ],
};

beforeEach(() => (document.body.innerHTML = '<div id="here"></div>'));

const here = () => document.getElementById("here") as HTMLElement;

describe("insights", () => {
  it("say how to switch recording on, or that it is on", () => {
    render(<Empty figures={{ ...figures, ...rest }} />, here());
    expect(here().textContent).toContain("SKETCHFIND_RECORD_CLICKS=ask");
    render(<Empty figures={{ ...figures, ...rest, mode: "ask" }} />, here());
    expect(here().textContent).not.toContain("SKETCHFIND");
    expect(here().textContent).toContain("who agree");
  });

  it("show what is drawn but not found, with sketches where there are some", () => {
    const name = { name: "airplane", label: "airplane", searches: 5, poor: 4, with_click: 0, n_products: 0 };
    render(<Unfound names={[{ ...name, sketches: [sketch, sketch] }]} />, here());
    expect(here().textContent).toContain("4 of 5 searches without a good match · nothing on sale");
    expect(here().querySelectorAll(".unfound-sheet path")).toHaveLength(2);
    render(<Unfound names={[{ ...name, sketches: [] }]} />, here());
    expect(here().querySelector(".unfound-sheet")).toBeNull();
  });

  it("draw a bar for each category", () => {
    const row = { slug: "sofa", label: "Sofa", searches: 10, with_click: 4, poor: 0 };
    render(<PoorCategories rows={[row, { ...row, slug: "car", label: "Car", searches: 5, with_click: 5 }]} />, here());
    const widths = [...here().querySelectorAll(".bar-value")].map((bar) => bar.getAttribute("width"));
    expect(widths).toEqual(["40", "50"]);
    expect(here().textContent).toContain("40% of 10 searches opened");
  });
});
