import type { JSX } from "preact";
import { number } from "../../shared/words";
import { duration, percent, value } from "../kit/figures";
import { t } from "../strings";
import type { Run, RunStatus, Values } from "../wire";

/** How runs are told everywhere. */

export function runName({ id, system }: Pick<Run, "id" | "system">): string {
  return `${system} ${id}`;
}

export function RunMark({ run }: { run: Pick<Run, "status" | "cancel_requested_at"> }): JSX.Element {
  const isEnding = run.status === "running" && run.cancel_requested_at !== null;
  return (
    <span class={`status run-${run.status}`}>{isEnding ? t("cancelling") : t(run.status satisfies RunStatus)}</span>
  );
}

/** How far the stage is, and how long it takes to its end. */
export function RunProgress({ run }: { run: Run }): JSX.Element {
  const { status, stage, step, n_steps: steps, eta_s: eta } = run;
  if (status === "queued") return <span class="quiet">{t("waitsForWorker")}</span>;
  if (status === "done" && !eta)
    return <span class="quiet">{t("trainedFor", { time: duration(run.minutes * 60) })}</span>;
  if (!steps) return <span class="quiet">{status === "running" ? t("preparing") : number(step)}</span>;
  const words = t("ofTotal", { n: number(step), total: number(steps) });
  return (
    <span class="meter">
      <progress value={Math.min(step, steps)} max={steps} aria-label={`${stage} ${words}`} />
      <span>
        {stage && <>{stage}: </>}
        {words} <span class="quiet">({percent(Math.min(1, step / steps))})</span>
        {eta !== null && <span class="eta"> · {t("eta", { time: duration(eta) })}</span>}
      </span>
    </span>
  );
}

const VALIDATION = "val/";

/** The best validation in a few words; its score, the mean of the others, where there are no others. */
export function bestWords(best: Values): string {
  const names = Object.keys(best).filter((name) => name !== "step" && name !== "stage");
  const shown = names.filter((name) => name !== "score" && name !== `${VALIDATION}score`).slice(0, 2);
  const words = (name: string) => `${name.replace(VALIDATION, "")} ${value(best[name])}`;
  return (shown.length > 0 ? shown : names).map(words).join(", ");
}

/** Who may be asked what, by the run's state. */
export function canCancel(run: Run): boolean {
  return run.status === "queued" || (run.status === "running" && run.cancel_requested_at === null);
}

export function canResume(run: Run): boolean {
  return run.status === "failed" || run.status === "cancelled";
}
