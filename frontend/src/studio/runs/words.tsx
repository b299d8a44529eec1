import type { JSX } from "preact";
import type { Run, RunStatus } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { duration, NOTHING, percent, value } from "../kit/figures";

/** The wording for runs on all pages. */

export function runName({ id, system }: Pick<Run, "id" | "system">): string {
  return `${system} ${id}`;
}

export function statusText(status: RunStatus): string {
  return {
    queued: t("Waiting"),
    running: t("Running"),
    done: t("Done"),
    failed: t("Failed"),
    cancelled: t("Cancelled"),
  }[status];
}

export function RunMark({ run }: { run: Pick<Run, "status" | "cancel_requested_at"> }): JSX.Element {
  const isEnding = run.status === "running" && run.cancel_requested_at !== null;
  return <span class={`status run-${run.status}`}>{isEnding ? t("Stopping…") : statusText(run.status)}</span>;
}

/** The stage's progress and remaining time. */
export function RunProgress({ run }: { run: Run }): JSX.Element {
  const { status, stage, step, n_steps: steps, eta_s: eta } = run;
  if (status === "queued") return <span class="quiet">{t("waiting for a worker process")}</span>;
  if (status === "done" && !eta)
    return <span class="quiet">{t("trained for {time}", { time: duration(run.minutes * 60) })}</span>;
  if (!steps) return <span class="quiet">{status === "running" ? t("Preparing data") : number(step)}</span>;
  const words = t("{n} of {total}", { n: number(step), total: number(steps) });
  return (
    <span class="meter">
      <progress value={Math.min(step, steps)} max={steps} aria-label={`${stage} ${words}`} />
      <span>
        {stage && <>{stage}: </>}
        {words} <span class="quiet">({percent(Math.min(1, step / steps))})</span>
        {eta !== null && <span class="eta"> · {t("{time} left", { time: duration(eta) })}</span>}
      </span>
    </span>
  );
}

const VALIDATION = "val/";

/** The best validation, in short; its score only if there are no others. */
export function bestWords(best: Run["best"]): string {
  const names = Object.keys(best).filter((name) => name !== "step" && name !== "stage");
  const shown = names.filter((name) => name !== "score" && name !== `${VALIDATION}score`).slice(0, 2);
  const words = (name: string) => `${name.replace(VALIDATION, "")} ${figure(best[name])}`;
  return (shown.length > 0 ? shown : names).map(words).join(", ");
}

function figure(best: unknown): string {
  return typeof best === "number" ? value(best) : NOTHING;
}

/** The possible actions, by the run's state. */
export function canCancel(run: Run): boolean {
  return run.status === "queued" || (run.status === "running" && run.cancel_requested_at === null);
}

export function canResume(run: Run): boolean {
  return run.status === "failed" || run.status === "cancelled";
}
