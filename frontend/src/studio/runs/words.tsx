import type { JSX } from "preact";
import type { Run, RunStatus } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { duration, NOTHING, percent, value } from "../kit/figures";
import { queriesOf } from "../measured";
import { phaseOf, phaseText } from "./phases";

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
  const phase = phaseOf(run);
  if (phase && phase !== "train") return <span class="quiet">{phaseText(phase, stage)}</span>;
  if (!steps) return <span class="quiet">{phase ? phaseText(phase) : number(step)}</span>;
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
  const names = Object.keys(best).filter((name) => !/^(?:step|stage|val\/(?:.*\/)?n_.*)$/.test(name));
  const shown = names.filter((name) => name !== "score" && name !== `${VALIDATION}score`).slice(0, 2);
  const words = (name: string) => {
    const n = queriesOf(name, best);
    const short = name.replace(VALIDATION, "");
    const size = n !== null || short.startsWith("acc@") ? ` (n = ${n === null ? "?" : number(n)})` : "";
    return `${short} ${figure(best[name])}${size}`;
  };
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
