// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CanaryHit, Gate, LiveRelease, ModelFull, Release, Run } from "../../src/shared/api/types";
import { bytes, duration, value } from "../../src/studio/kit/figures";
import { firstPages } from "../../src/studio/kit/hooks/pages";
import { measured, queriesOf } from "../../src/studio/measured";
import { lacksIndex } from "../../src/studio/models/metrics";
import { isAlive, mattersOf, type State } from "../../src/studio/overview/attention";
import { barsOf, moveOf, newestOf, verdictOf } from "../../src/studio/releases/gate";
import { followed } from "../../src/studio/releases/live";
import { sketchPath } from "../../src/studio/releases/sketchPath";
import { phaseOf } from "../../src/studio/runs/phases";
import { bestWords, canCancel, canResume } from "../../src/studio/runs/words";

describe("figures", () => {
  beforeEach(() => void (document.documentElement.lang = "en"));

  it("have suitable digits and units", () => {
    expect([value(0.123456), value(12345.6), value(0.0000012), value(0), value(null)]).toEqual([
      "0.1235",
      "12,350",
      "1.20e-6",
      "0",
      "–",
    ]);
    expect([duration(0), duration(42.4), duration(200), duration(7_500), duration(277_200), duration(null)]).toEqual([
      "0 s",
      "42 s",
      "3 min 20 s",
      "2 h 5 min",
      "3 d 5 h",
      "–",
    ]);
    expect([bytes(345_600_000), bytes(7.6e9), bytes(null)]).toEqual(["346 MB", "7.6 GB", "–"]);
  });

  it("are read from any form", () => {
    expect(measured(0.5)).toEqual({ value: 0.5 });
    expect(measured({ value: 0.5, ci95: [0.4, 0.6], n: 9 })).toEqual({ value: 0.5, ci95: [0.4, 0.6], n: 9 });
    expect([measured("0.5"), measured(null), measured({ ci95: [0, 1] }), measured(NaN)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("the number of queries behind a metric", () => {
  it("is its own, or that of all for accuracies", () => {
    const metrics = { "acc@1": { value: 0.5, n: 9 }, "acc@10": 0.7, "precision@10": 0.6, n_queries: 40 };
    expect(["acc@1", "acc@10", "precision@10"].map((name) => queriesOf(name, metrics))).toEqual([9, 40, null]);
    expect(queriesOf("val/acc@1", { "val/acc@1": 0.5, "val/n_queries": 6 })).toBe(6);
  });
});

describe("the phase of a run", () => {
  it("is known from the first second to the last", () => {
    const phases = (["queued", "running", "done"] as const).map((status) => phaseOf({ status, stage: "" }));
    expect(phases).toEqual(["queued", "dataset", null]);
    const stages = ["dataset", "prepare", "run", "publish", "evaluate"];
    expect(stages.map((stage) => phaseOf({ status: "running", stage }))).toEqual([
      "dataset",
      "prepare",
      "train",
      "finish",
      "finish",
    ]);
  });
});

describe("a move of the live pointer", () => {
  it("is complete once the server answers with it", async () => {
    vi.useFakeTimers();
    const answers = [3, 3, 4].map((number) => ({ number }) as LiveRelease);
    const look = vi.fn(async () => answers.shift() ?? null);
    const over = followed(4, look);
    await vi.runAllTimersAsync();
    await over;
    expect(look).toHaveBeenCalledTimes(3);
    const never = followed(5, async () => ({ number: 4 }) as LiveRelease);
    await vi.runAllTimersAsync();
    await never; // it eventually gives up
    vi.useRealTimers();
  });
});

describe("a run", () => {
  const run = (status: string, cancel: string | null = null) => ({ status, cancel_requested_at: cancel }) as Run;

  it("can be cancelled once, until it ends; then resumed unless it is done", () => {
    expect([run("queued"), run("running"), run("running", "now"), run("done")].map(canCancel)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([run("running"), run("failed"), run("cancelled"), run("done")].map(canResume)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("shows its best validation by name, or the score if there is nothing else", () => {
    document.documentElement.lang = "en";
    expect(bestWords({ score: 0.6, "acc@1": 0.6, "acc@10": 0.9, step: 400 })).toBe(
      "acc@1 0.6 (n = ?), acc@10 0.9 (n = ?)",
    );
    expect(bestWords({ "val/acc@1": 0.6, "val/mrr": 0.7, "val/n_queries": 12 })).toBe("acc@1 0.6 (n = 12), mrr 0.7");
    expect(bestWords({ score: 0.6, step: 400 })).toBe("score 0.6");
    expect(bestWords({ "val/score": 0.9, "val/%corr": 0.9, step: 99, stage: "run" } as never)).toBe("%corr 0.9");
    expect(bestWords({})).toBe("");
  });
});

describe("a model", () => {
  const model = (run: number | null, ...statuses: string[]) =>
    ({ training_run: run, indexes: statuses.map((status, id) => ({ id, status })).reverse() }) as unknown as ModelFull;

  it("needs its index again if a run trained it and the newest one failed", () => {
    expect([model(1, "failed"), model(1, "ready", "failed"), model(1)].map(lacksIndex)).toEqual([true, true, true]);
    expect([model(1, "failed", "queued"), model(1, "failed", "ready"), model(null, "failed")].map(lacksIndex)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("a polled list", () => {
  it("has as many pages as requested", async () => {
    const answers = [
      { results: [5, 4], next: "http://here/api/v1/releases/?page=2" },
      { results: [3], next: null },
    ];
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (url: string) => {
      asked.push(url);
      return new Response(JSON.stringify(answers[asked.length - 1]), { status: 200 });
    });
    expect(await firstPages("releases/", 1)).toEqual({ rows: [5, 4], hasMore: true });
    asked.length = 0;
    expect(await firstPages("releases/", 3)).toEqual({ rows: [5, 4, 3], hasMore: false });
    expect(asked).toEqual(["/api/v1/releases/", "/api/v1/releases/?page=2"]);
    vi.unstubAllGlobals();
  });
});

describe("a gate", () => {
  const side = (at: number, half: number) => ({ value: at, ci95: [at - half, at + half] as const });
  const gate = (fields: object) => ({ id: 1, release: 2, status: "done", passed: true, ...fields }) as Gate;

  it("draws both sides of a metric on one scale, with a margin", () => {
    const [bar] = barsOf({
      "acc@1": { n: 9, candidate: side(0.6, 0.1), live: side(0.4, 0.1), difference: side(0.2, 0.1) },
    });
    const places = [bar.live?.low, bar.live?.value, bar.candidate.value, bar.candidate.high].map(Number);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(places[0]).toBeGreaterThan(0);
    expect(places[3]).toBeLessThan(1);
    expect(places[0]).toBeCloseTo(1 - places[3]);
  });

  it("is better or worse only if the interval of the difference is", () => {
    const trend = (difference: ReturnType<typeof side> | undefined) =>
      barsOf({ m: { n: 1, candidate: side(0.5, 0), ...(difference ? { difference } : {}) } })[0].trend;
    expect([side(0.2, 0.1), side(0.1, 0.2), side(-0.2, 0.1), undefined].map(trend)).toEqual([
      "better",
      "unclear",
      "worse",
      "unclear",
    ]);
  });

  it("has a verdict in each of its states", () => {
    expect(
      [
        null,
        gate({ status: "queued" }),
        gate({ status: "running" }),
        gate({ status: "failed" }),
        gate({ better: null }),
        gate({ better: true }),
        gate({ better: false }),
        gate({ passed: false, better: false }),
      ].map(verdictOf),
    ).toEqual([
      "gateNone",
      "gateQueued",
      "gateRunning",
      "gateBroken",
      "gatePassed",
      "gateBetter",
      "gateNotWorse",
      "gateFailed",
    ]);
  });

  it("counts by its newest report", () => {
    const gates = [gate({ id: 3, passed: false }), gate({ id: 5 }), gate({ id: 4, release: 9 })];
    expect([...newestOf(gates)].map(([release, { id }]) => [release, id])).toEqual([
      [2, 5],
      [9, 4],
    ]);
  });

  it("shows how products moved between two answers", () => {
    const hits = (...ids: (number | null)[]) =>
      ids.map((id) => ({ product: id && { id }, score: 1 }) as unknown as CanaryHit);
    const before = hits(1, 2, null);
    expect(hits(2, 1, 7).map((hit, place) => moveOf(hit, place, before))).toEqual([1, -1, null]);
  });

  it("draws a sketch's strokes, a dot too", () => {
    const strokes = [
      [
        [1, 2, 0],
        [3, 4, 9],
      ],
      [[5, 5, 10]],
      [],
    ];
    expect(sketchPath({ width: 9, height: 9, strokes })).toBe("M1 2L3 4M5 5h0.1");
  });
});

describe("what needs attention", () => {
  const now = Date.parse("2026-01-02T12:00:00Z");
  const calm: State = {
    live: { id: 3 } as LiveRelease,
    releases: [{ id: 3 } as Release],
    gates: [],
    failed: [],
    queue: { queues: [{ name: "train", waiting: 0 }], workers: [] },
  };
  const gate = (release: number, passed: boolean | null) => ({ id: release, release, passed }) as Gate;

  it("is empty when all is well", () => {
    expect(mattersOf(calm, now)).toEqual([]);
  });

  it("includes a missing release, waiting runs without workers, newer candidates with a verdict, recent failures", () => {
    const failed = [
      { id: 1, finished_at: "2026-01-02T11:00:00Z" } as Run,
      { id: 2, finished_at: "2025-12-30T11:00:00Z" } as Run,
    ];
    const worker = { queues: ["train"], alive_at: "2026-01-02T11:50:00Z" };
    const found = mattersOf(
      {
        live: { id: 3 } as LiveRelease,
        releases: [2, 3, 4, 5, 6].map((id) => ({ id }) as Release),
        gates: [gate(2, true), gate(4, true), gate(5, null), gate(6, false)],
        failed,
        queue: { queues: [{ name: "train", waiting: 2 }], workers: [worker as never] },
      },
      now,
    );
    expect(found).toEqual([
      { kind: "noTrainer", n: 2 },
      { kind: "candidate", release: 4, passed: true },
      { kind: "candidate", release: 6, passed: false },
      { kind: "failedRun", run: failed[0] },
    ]);
    expect(mattersOf({ ...calm, live: null }, now)[0]).toEqual({ kind: "noLive" });
    expect(isAlive({ alive_at: "2026-01-02T11:59:50Z" }, now)).toBe(true);
  });
});
