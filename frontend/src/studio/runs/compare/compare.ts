import type { RunFull, Series } from "../../../shared/api/types";
import type { XAxis } from "../../charts/Smoothing";
import { measured } from "../../measured";
import { type Line, lineOf, MACHINE, startOf } from "../curves/curves";

/** Runs side by side. */

export interface FigureRow {
  readonly name: string;
  /** In the order of the runs. */
  readonly values: readonly (number | null)[];
}

/** Metrics on the test split, then the best validations, one row per name in any run. */
export function figuresOf(runs: readonly RunFull[]): readonly FigureRow[] {
  const rows = (prefix: string, of: (run: RunFull) => Readonly<Record<string, unknown>>): FigureRow[] => {
    const names = [...new Set(runs.flatMap((run) => Object.keys(of(run))))].filter((name) => name !== "step");
    return names
      .map((name) => ({ name: `${prefix}${name}`, values: runs.map((run) => measured(of(run)[name])?.value ?? null) }))
      .filter(({ values }) => values.some((figure) => figure !== null));
  };
  return [...rows("test ", (run) => run.measured ?? {}), ...rows("val ", (run) => run.best)];
}

/** The best run in a row with differences; null if neither smaller nor larger is better. */
export function bestRun(name: string, values: readonly (number | null)[]): number | null {
  const there = values.filter((figure): figure is number => figure !== null);
  if (new Set(there).size < 2 || /n_queries|n_gallery|step/.test(name)) return null;
  const isSmaller = /loss|error|_ms|seconds/.test(name);
  return values.indexOf(isSmaller ? Math.min(...there) : Math.max(...there));
}

/** A metric's curves of all runs; a run with one stage is labelled by its number only. */
export function linesOf(series: Readonly<Record<string, Series>>, metric: string, axis: XAxis): Line[] {
  return Object.entries(series).flatMap(([id, stages]) => {
    const from = startOf(stages);
    const trained = Object.entries(stages).filter(([stage]) => stage !== MACHINE);
    return trained.flatMap(([stage, rows]): Line[] => {
      const line = lineOf(trained.length > 1 ? `${id} · ${stage}` : id, rows, metric, axis, from);
      return line ? [line] : [];
    });
  });
}
