import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RunFull } from "../../../shared/api/types";
import { number, t } from "../../../shared/texts";
import { duration, percent } from "../../kit/figures";
import { MACHINE } from "../curves/curves";
import { PHASES, type Phase, phaseOf, phaseText } from "../phases";

/** A phase that takes longer than expected is not over. */
const MOST = 0.95;

/** The run's phases, and how far the current one is, from its first second. */
export function Progress({ run }: { run: RunFull }): JSX.Element | null {
  const phase = phaseOf(run);
  if (phase === null) return null;
  return (
    <div class="run-progress">
      <ol class="run-phases">
        {PHASES.map((one, i) => (
          <li
            key={one}
            class={i < PHASES.indexOf(phase) ? "phase-done" : undefined}
            aria-current={one === phase ? "step" : undefined}
          >
            {phaseText(one, one === phase ? run.stage : "")}
          </li>
        ))}
      </ol>
      {phase === "train" && run.n_steps ? <Steps run={run} steps={run.n_steps} /> : <Elapsed run={run} phase={phase} />}
    </div>
  );
}

/** Training: the steps of the stage. */
function Steps({ run, steps }: { run: RunFull; steps: number }): JSX.Element {
  const stages = run.stages.filter((stage) => stage !== MACHINE);
  const place = stages.indexOf(run.stage);
  const words = t("{n} of {total}", { n: number(run.step), total: number(steps) });
  return (
    <>
      <p>
        {place >= 0 && stages.length > 1 && (
          <strong>
            {t("{stage}, stage {n} of {total}", { stage: run.stage, n: place + 1, total: stages.length })}
          </strong>
        )}
        <span>
          {words} {t("steps")} <span class="quiet">({percent(Math.min(1, run.step / steps))})</span>
        </span>
        {run.eta_s !== null && <span>{t("{time} left", { time: duration(run.eta_s) })}</span>}
      </p>
      <progress value={Math.min(run.step, steps)} max={steps} aria-label={`${run.stage} ${words}`} />
    </>
  );
}

/** Any other phase: the time since the run was requested or claimed, and what an earlier run took. */
function Elapsed({ run, phase }: { run: RunFull; phase: Phase }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const isPreparing = phase === "dataset" || phase === "prepare";
  const since = phase === "queued" ? run.created_at : isPreparing ? run.attempt_at : null;
  const seconds = since ? Math.max(0, (now - Date.parse(since)) / 1000) : null;
  const usual = isPreparing ? (run.expected?.prepare_s ?? null) : null;
  const share = usual && seconds !== null ? Math.min(MOST, seconds / usual) : null;
  return (
    <>
      <p>
        <span>
          {phase === "queued"
            ? t("The run is waiting for a worker process with a free device and will start automatically.")
            : phaseText(phase, run.stage)}
        </span>
        {seconds !== null && <span>{t("for {time}", { time: duration(seconds) })}</span>}
        {usual !== null && <span class="quiet">{t("usually {time}", { time: duration(usual) })}</span>}
      </p>
      <progress {...(share === null ? {} : { value: share, max: 1 })} aria-label={phaseText(phase, run.stage)} />
    </>
  );
}
