import { describe, expect, it } from "vitest";
import type { MetricRow, RunFull, Series } from "../../src/shared/api/types";
import { bestRun, figuresOf, linesOf } from "../../src/studio/runs/compare/compare";
import {
  aligned,
  lineOf,
  merged,
  metricNames,
  smoothed,
  smoothingOf,
  startOf,
  thinned,
} from "../../src/studio/runs/curves/curves";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const row = (step: number, values: Record<string, number>, stage = "train"): MetricRow => ({
  stage,
  step,
  at: at(step),
  values,
});

describe("live rows", () => {
  const known = merged({}, [row(0, { loss: 3 }), row(2, { loss: 2 })]);

  it("go to their stage and step, with gaps for missing values", () => {
    const series = merged(known, [row(3, { loss: 1, "val/acc@1": 0.5 }), row(0, { mse: 9 }, "final")]);
    expect(series.train.step).toEqual([0, 2, 3]);
    expect(series.train.values).toEqual({ loss: [3, 2, 1], "val/acc@1": [null, null, 0.5] });
    expect(series.final.values).toEqual({ mse: [9] });
  });

  it("are not duplicated when repeated, and late ones are sorted in", () => {
    const series = merged(known, [row(2, { loss: 2.5 }), row(1, { loss: 2.7 })]);
    expect(series.train.step).toEqual([0, 1, 2]);
    expect(series.train.values.loss).toEqual([3, 2.7, 2.5]);
    expect(series.train.at).toEqual([at(0), at(1), at(2)]);
  });

  it("leave other stages as they are", () => {
    expect(merged(known, [row(0, { mse: 1 }, "final")]).train).toBe(known.train);
  });
});

describe("thinning", () => {
  it("halves until it fits, and keeps validations", () => {
    const rows = Array.from({ length: 1000 }, (_, step) =>
      row(step, step % 50 === 49 || step % 100 === 0 ? { loss: 1, "val/acc@1": step / 1000 } : { loss: 1 }),
    );
    const kept = thinned(rows, 300);
    expect(kept).toHaveLength(250);
    const validated = kept.filter(({ values }) => "val/acc@1" in values).map(({ step }) => step);
    expect(validated).toEqual(rows.filter(({ values }) => "val/acc@1" in values).map(({ step }) => step));
  });

  it("leaves a short stage unchanged", () => {
    const rows = [row(0, { loss: 1 }), row(1, { loss: 2 })];
    expect(thinned(rows, 2)).toBe(rows);
  });

  it("keeps a stage that grows for days bounded", () => {
    let series: Series = {};
    for (let start = 0; start < 5_000; start += 500) {
      const rows = Array.from({ length: 500 }, (_, i) => row(start + i, { loss: 1 }));
      series = merged(series, rows, 1_000);
    }
    expect(series.train.step.length).toBeLessThanOrEqual(1_000);
    expect(series.train.step.at(-1)).toBe(4_999);
  });
});

describe("smoothing", () => {
  it("is an average without bias towards zero", () => {
    const values = smoothed([4, 4, 4, 4], 0.9);
    for (const value of values) expect(value).toBeCloseTo(4);
  });

  it("follows the published recursion", () => {
    // m1 = 0.5, m2 = 0.25 + 1 = 1.25; divided by 1 - 0.5^n
    expect(smoothed([1, 2], 0.5)).toEqual([1, 1.25 / 0.75]);
  });

  it("leaves gaps, and everything when switched off", () => {
    const values = [1, null, 3];
    expect(smoothed(values, 0)).toBe(values);
    expect(smoothed(values, 0.5)[1]).toBeNull();
    expect(smoothed(values, 0.5)[2]).toBeCloseTo(1.75 / 0.75);
  });

  it("is not for validations", () => {
    expect([smoothingOf("val/acc@1", 0.6), smoothingOf("loss", 0.6)]).toEqual([0, 0.6]);
  });
});

describe("lines", () => {
  const series = merged({}, [row(0, { loss: 3 }), row(2, { loss: 2, "val/acc@1": 0.4 })]);

  it("contain the values over steps or minutes", () => {
    expect(lineOf("train", series.train, "val/acc@1", "step", 0)).toEqual({ label: "train", xs: [2], ys: [0.4] });
    expect(lineOf("train", series.train, "loss", "time", Date.parse(at(0)))?.xs).toEqual([0, 2]);
    expect(lineOf("train", series.train, "nothing", "step", 0)).toBeNull();
  });

  it("share one x, with gaps where only others have a point", () => {
    const lines = [
      { label: "a", xs: [0, 2], ys: [1, 2] },
      { label: "b", xs: [1, 2], ys: [5, 6] },
    ];
    expect(aligned(lines)).toEqual({
      xs: [0, 1, 2],
      ys: [
        [1, null, 2],
        [null, 5, 6],
      ],
    });
    expect(aligned([])).toEqual({ xs: [], ys: [] });
  });

  it("are ordered: loss, validations, the rest; the machine separately", () => {
    const all = merged(series, [row(0, { lr: 1, "hash loss": 2 }), row(0, { cpu_percent: 9 }, "machine")]);
    expect(metricNames(all)).toEqual(["loss", "val/acc@1", "hash loss", "lr"]);
    expect(startOf(all)).toBe(Date.parse(at(0)));
    expect(startOf({})).toBe(0);
  });
});

describe("runs side by side", () => {
  const run = (id: number, best: object, measured: object = {}) => ({ id, best, measured }) as unknown as RunFull;

  it("have a row for each figure of any run", () => {
    const rows = figuresOf([
      run(1, { "acc@1": 0.5, step: 100 }, { "acc@1": { value: 0.4, ci95: [0.3, 0.5] } }),
      run(2, { score: 0.6 }),
    ]);
    expect(rows).toEqual([
      { name: "test acc@1", values: [0.4, null] },
      { name: "val acc@1", values: [0.5, null] },
      { name: "val score", values: [null, 0.6] },
    ]);
  });

  it("have a best one if they differ: the smallest loss, the largest score", () => {
    expect(bestRun("val acc@1", [0.5, null, 0.7])).toBe(2);
    expect(bestRun("val loss", [0.5, 0.7])).toBe(0);
    expect(bestRun("val acc@1", [0.5, 0.5])).toBeNull();
    expect(bestRun("test n_queries", [3, 5])).toBeNull();
  });

  it("are overlaid, a run with one stage labelled by its number only", () => {
    const one = merged({}, [row(0, { loss: 3 })]);
    const two = merged(one, [row(0, { loss: 2 }, "final"), row(0, { cpu_percent: 1 }, "machine")]);
    expect(linesOf({ "7": one, "9": two }, "loss", "step").map(({ label }) => label)).toEqual([
      "7",
      "9 · train",
      "9 · final",
    ]);
  });
});
