import type { MetricRow, Series, StageSeries } from "../../../shared/api/types";
import type { XAxis } from "../../charts/Smoothing";

/** Rows of curves: live rows are added, long ones downsampled, noisy ones smoothed. */

/** A stage longer than this is halved, since more points than pixels are invisible. */
export const MOST_ROWS = 4_000;
/** Rows about the machine are a separate stage. */
export const MACHINE = "machine";

type Cells = readonly (number | null)[];

interface Row {
  readonly step: number;
  readonly at: string;
  readonly values: Readonly<Record<string, number | null>>;
}

/** `series` with `rows` added; a row replaces an existing one with the same step, so re-reading a file duplicates nothing. */
export function merged(series: Series, rows: readonly MetricRow[], most = MOST_ROWS): Series {
  const stages = [...new Set(rows.map(({ stage }) => stage))];
  const changed = stages.map((stage) => {
    const known = stage in series ? rowsOf(series[stage]) : [];
    const bySteps = new Map(known.map((row) => [row.step, row]));
    for (const row of rows) if (row.stage === stage) bySteps.set(row.step, row);
    const sorted = [...bySteps.values()].sort((a, b) => a.step - b.step);
    return [stage, seriesOf(thinned(sorted, most))] as const;
  });
  return { ...series, ...Object.fromEntries(changed) };
}

/** At most `most` rows: of two neighbours, the one with more values stays, so that no validation is lost. */
export function thinned<R extends Row>(rows: readonly R[], most: number): readonly R[] {
  let kept = rows;
  while (kept.length > most) {
    const before = kept;
    kept = before.filter((row, i) => {
      const isFirst = i % 2 === 0;
      const other = before[isFirst ? i + 1 : i - 1];
      if (!other) return true;
      return isFirst ? told(row) > told(other) : told(row) >= told(other);
    });
  }
  return kept;
}

/**
 * The exponential moving average with bias correction (as in TensorBoard): `weight` 0 leaves the values unchanged,
 * towards 1 they move more slowly. Missing values stay missing.
 */
export function smoothed(values: Cells, weight: number): Cells {
  if (weight <= 0) return values;
  let [average, count] = [0, 0];
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return value;
    average = average * weight + value * (1 - weight);
    count += 1;
    return average / (1 - weight ** count);
  });
}

export interface Line {
  readonly label: string;
  readonly xs: readonly number[];
  readonly ys: Cells;
}

/** The stage's existing values of a metric; x is the step, or minutes since `from` (ms). */
export function lineOf(label: string, stage: StageSeries, metric: string, axis: XAxis, from: number): Line | null {
  const values = stage.values[metric];
  if (!values) return null;
  const there = values.flatMap((value, i) => (value === null ? [] : [i]));
  if (there.length === 0) return null;
  const x = (i: number) => (axis === "step" ? stage.step[i] : (Date.parse(stage.at[i]) - from) / 60_000);
  return { label, xs: there.map(x), ys: there.map((i) => values[i]) };
}

/** Lines on a common ascending x, with gaps where only others have a point. */
export function aligned(lines: readonly Line[]): { readonly xs: number[]; readonly ys: (number | null)[][] } {
  const xs = [...new Set(lines.flatMap((line) => line.xs))].sort((a, b) => a - b);
  const places = new Map(xs.map((x, i) => [x, i]));
  const ys = lines.map((line) => {
    const row: (number | null)[] = xs.map(() => null);
    line.xs.forEach((x, i) => (row[places.get(x) ?? 0] = line.ys[i]));
    return row;
  });
  return { xs, ys };
}

/** Numbers of queries are constant; they belong to the names of the metrics that they are about. */
const SIZE = /(?:^|\/)n_[a-z]+$/;

/** A metric's name, for an accuracy with its number of queries: one of six queries says little. */
export function metricTitle(name: string, ...series: readonly Series[]): string {
  if (!/(?:^|\/)acc@/.test(name)) return name;
  const key = name.replace(/acc@.*$/, "n_queries");
  const found = series.flatMap((one) => Object.values(one).flatMap(({ values }) => values[key] ?? []));
  const sizes = [...new Set(found.filter((n): n is number => n !== null))].sort((a, b) => a - b);
  return `${name} (n = ${sizes.length > 0 ? sizes.join(", ") : "?"})`;
}

/** The names of metrics: losses first, then validations, then the rest, without those of the machine. */
export function metricNames(series: Series): string[] {
  const stages = Object.entries(series).filter(([stage]) => stage !== MACHINE);
  const names = new Set(stages.flatMap(([, { values }]) => Object.keys(values)));
  const rank = (name: string) => (name === "loss" ? 0 : name.startsWith("val/") ? 1 : name.includes("loss") ? 2 : 3);
  const shown = [...names].filter((name) => !SIZE.test(name));
  return shown.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Validations are few, so they are not smoothed. */
export function smoothingOf(metric: string, smoothing: number): number {
  return metric.startsWith("val/") ? 0 : smoothing;
}

/** When the first row was written, in ms. */
export function startOf(series: Series): number {
  const first = Object.values(series).flatMap(({ at }) => (at.length > 0 ? [Date.parse(at[0])] : []));
  return first.length > 0 ? Math.min(...first) : 0;
}

function told({ values }: Row): number {
  return Object.values(values).filter((value) => value !== null).length;
}

function rowsOf({ step, at, values }: StageSeries): Row[] {
  const columns = Object.entries(values);
  return step.map((number, i) => ({
    step: number,
    at: at[i],
    values: Object.fromEntries(columns.map(([name, column]) => [name, column[i] ?? null])),
  }));
}

function seriesOf(rows: readonly Row[]): StageSeries {
  const names = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const column = (name: string) => rows.map(({ values }) => values[name] ?? null);
  return {
    step: rows.map(({ step }) => step),
    at: rows.map(({ at }) => at),
    values: Object.fromEntries(names.map((name) => [name, column(name)])),
  };
}
