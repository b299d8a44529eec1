// @vitest-environment happy-dom
import { render } from "preact";
import { beforeEach, describe, expect, it } from "vitest";
import { outcomeWords } from "../../src/studio/releases/outcome";
import { ExperimentView } from "../../src/studio/releases/ExperimentView";

const outcome = {
  n_visits: 90,
  clicks_live: 30,
  clicks_candidate: 50,
  prefer_live: 20,
  prefer_candidate: 40,
  prefer_neither: 5,
  advantage: 0.15,
  ci95: [0.04, 0.26],
  p_value: 0.013,
};
const experiment = {
  id: 1,
  release: 7,
  against: 3,
  percent: 10,
  is_running: true,
  started_at: "2026-11-29T10:00:00Z",
  ended_at: null,
  end_reason: "",
  outcome,
};

beforeEach(() => (document.body.innerHTML = '<div id="here"></div>'));

const here = () => document.getElementById("here") as HTMLElement;
const view = (recording: "off" | "on", results: (typeof experiment)[], release = 7) =>
  render(
    <ExperimentView release={release} liveId={3} experiments={{ recording, results }} onDone={() => undefined} />,
    here(),
  );

describe("the outcome in words", () => {
  it.each([
    [[0.04, 0.26], 40, "Visitors prefer the candidate."],
    [[-0.26, -0.04], 40, "Visitors prefer the live release."],
    [[-0.04, 0.26], 40, "No significant difference so far."],
    [[0.04, 0.26], -15, "Too few visits to decide."],
  ])("is what the interval %o says", (ci95, candidate, words) => {
    expect(outcomeWords({ ...outcome, ci95, prefer_candidate: candidate })).toBe(words);
  });
});

describe("an experiment", () => {
  it("can be started where clicks are recorded", () => {
    view("on", []);
    expect(here().querySelector("form")).not.toBeNull();
    view("off", []);
    expect(here().querySelector("form")).toBeNull();
    expect(here().textContent).toContain("once clicks are recorded");
  });

  it("shows its outcome and ends with one press", () => {
    view("on", [experiment]);
    expect(here().textContent).toContain("Visitors prefer the candidate.");
    expect(here().querySelector("button")?.textContent).toBe("End it now");
    expect(here().querySelector("form")).toBeNull();
  });

  it("of another release is named instead of a second one", () => {
    view("on", [experiment], 8);
    expect(here().querySelector("a")?.getAttribute("href")).toBe("/studio/releases/7/");
    expect(here().querySelector("form")).toBeNull();
  });
});
