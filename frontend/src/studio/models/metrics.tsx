import type { JSX } from "preact";
import type { Model, ModelFull, ModelName } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { percent, value } from "../kit/figures";
import { measured, queriesOf } from "../measured";

const MOST_COLUMNS = 4;

export function modelName({ name, version }: ModelName): string {
  return `${name} ${version}`.trim();
}

/** Whether a trained model's newest index failed, which needs an operator. */
export function lacksIndex({ training_run: run, indexes }: Pick<ModelFull, "training_run" | "indexes">): boolean {
  const newest = Math.max(...indexes.map(({ id }) => id));
  return run !== null && (indexes.find(({ id }) => id === newest)?.status ?? "failed") === "failed";
}

/** The metrics that most of the models have. */
export function columnsOf(models: readonly Pick<Model, "metrics">[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of models) {
    for (const name of namesOf(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts.keys()];
  return names.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, MOST_COLUMNS);
}

/** The figures among a card's metrics, without sample sizes. */
export function namesOf(metrics: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(metrics).filter((name) => measured(metrics[name]) !== null && !name.startsWith("n_"));
}

const SHARES = /^(acc|precision|recall|map|seats|score|%)/i;

interface FigureProps {
  readonly name: string;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** A share in percent with its interval and number of queries below, anything else unchanged. */
export function Figure({ name, metrics }: FigureProps): JSX.Element {
  const figure = measured(metrics[name]);
  if (!figure) return <>–</>;
  const n = queriesOf(name, metrics);
  const words = SHARES.test(name) ? (share: number) => percent(share, 1) : value;
  return (
    <>
      {words(figure.value)}
      {figure.ci95 && (
        <small>{t("{low} to {high}", { low: words(figure.ci95[0]), high: words(figure.ci95[1]) })}</small>
      )}
      {(n !== null || name.startsWith("acc@")) && <small>n = {n === null ? "?" : number(n)}</small>}
    </>
  );
}
