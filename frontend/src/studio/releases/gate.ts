import type { CanaryHit, Gate, GateMetric, Measured } from "../../shared/api/types";

/** A gate report prepared for the page. */

/** A position on a scale, 0 to 1. */
export interface Place {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Bar {
  readonly name: string;
  readonly n: number;
  readonly metric: GateMetric;
  readonly candidate: Place;
  readonly live: Place | null;
  /** Better or worse beyond chance; otherwise undecided. */
  readonly trend: "better" | "worse" | "unclear";
}

const MARGIN = 0.08;

/** Each metric on its own scale, which contains both intervals. */
export function barsOf(metrics: Readonly<Record<string, GateMetric>>): readonly Bar[] {
  return Object.entries(metrics).map(([name, metric]) => {
    const both = [metric.candidate, ...(metric.live ? [metric.live] : [])];
    const ends = both.flatMap((side) => [side.value, ...(side.ci95 ?? [])]);
    const [least, most] = [Math.min(...ends), Math.max(...ends)];
    const margin = (most - least || Math.abs(most) || 1) * MARGIN;
    const on = (value: number) => (value - least + margin) / (most - least + 2 * margin);
    const place = ({ value, ci95 }: Measured): Place => ({
      value: on(value),
      low: on(ci95?.[0] ?? value),
      high: on(ci95?.[1] ?? value),
    });
    return {
      name,
      n: metric.n,
      metric,
      candidate: place(metric.candidate),
      live: metric.live ? place(metric.live) : null,
      trend: trendOf(metric.difference),
    };
  });
}

function trendOf(difference: Measured | undefined): Bar["trend"] {
  const [low, high] = difference?.ci95 ?? [-1, 1];
  return low > 0 ? "better" : high < 0 ? "worse" : "unclear";
}

export type Verdict =
  | "gateNone"
  | "gateQueued"
  | "gateRunning"
  | "gateBroken"
  | "gatePassed"
  | "gateBetter"
  | "gateNotWorse"
  | "gateFailed";

export function verdictOf(gate: Pick<Gate, "status" | "passed" | "better"> | null): Verdict {
  if (gate === null) return "gateNone";
  if (gate.status === "queued") return "gateQueued";
  if (gate.status === "running") return "gateRunning";
  if (gate.status === "failed") return "gateBroken";
  if (!gate.passed) return "gateFailed";
  if (gate.better === null) return "gatePassed";
  return gate.better ? "gateBetter" : "gateNotWorse";
}

/** Whether the gate found nothing against a promotion. */
export function isPassed(verdict: Verdict): boolean {
  return verdict === "gatePassed" || verdict === "gateBetter" || verdict === "gateNotWorse";
}

export function isUnderWay(gate: Gate | null): boolean {
  return gate?.status === "queued" || gate?.status === "running";
}

/** How a product moved between two answers: places up (positive) or down; null if the other lacks it. */
export function moveOf(hit: CanaryHit, place: number, before: readonly CanaryHit[]): number | null {
  const old = before.findIndex(({ product }) => product !== null && product.id === hit.product?.id);
  return old === -1 ? null : old - place;
}

/** The newest report of each release. */
export function newestOf(gates: readonly Gate[]): ReadonlyMap<number, Gate> {
  const newest = new Map<number, Gate>();
  for (const gate of gates) {
    const known = newest.get(gate.release);
    if (!known || known.id < gate.id) newest.set(gate.release, gate);
  }
  return newest;
}
