import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { RunFull } from "../../../shared/api/types";
import { Dialog } from "../../../shared/controls/Dialog";
import { t } from "../../../shared/texts";
import { when } from "../../kit/figures";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { canCancel, canResume, RunMark, runName } from "../words";
import { Progress } from "./Progress";

interface Props {
  readonly run: RunFull;
  /** Called after an action on the run. */
  readonly onDone: () => void;
}

/** The run's title, progress and actions; why it failed. */
export function RunHead({ run, onDone }: Props): JSX.Element {
  return (
    <>
      <div class="page-head studio-head">
        <h1>
          {runName(run)} <RunMark run={run} />
        </h1>
        <Actions run={run} onDone={onDone} />
      </div>
      {run.note && <p class="run-note">{run.note}</p>}
      {run.status === "failed" && <Failure run={run} />}
      <Progress run={run} />
    </>
  );
}

function Actions({ run, onDone }: Props): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const [last, setLast] = useState<"cancel" | "resume">("cancel");
  const { isBusy, trouble, send } = useSend();
  const take = (step: "cancel" | "resume") => {
    setAsking(false);
    setLast(step);
    void send(async () => {
      await api(`runs/${run.id}/${step}`, {});
      onDone();
    });
  };
  return (
    <div class="studio-steps">
      {canResume(run) && (
        <button type="button" class="action action-main" aria-disabled={isBusy} onClick={() => take("resume")}>
          {t("Resume")}
        </button>
      )}
      <a class="action" href={`/studio/runs/new/?like=${run.id}`}>
        {t("Duplicate run")}
      </a>
      <a class="action" href={`/studio/runs/compare/?ids=${run.id}`}>
        {t("Compare")}
      </a>
      {canCancel(run) && (
        <button type="button" class="action" aria-disabled={isBusy} onClick={() => setAsking(true)}>
          {t("Cancel run")}
        </button>
      )}
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => take(last)} />}
      {isAsking && (
        <Dialog title={t("Cancel {name}?", { name: runName(run) })} onClose={() => setAsking(false)}>
          <p>
            {run.status === "queued"
              ? t("It has not started, so nothing is lost.")
              : t("It stops within seconds and keeps its last checkpoint, so you can resume it.")}
          </p>
          <button type="button" class="action action-main" onClick={() => take("cancel")}>
            {t("Cancel run")}
          </button>
        </Dialog>
      )}
    </div>
  );
}

/** The first line says what happened, the others where; below it is what to do next. */
function Failure({ run }: { run: RunFull }): JSX.Element {
  const [what, ...where] = run.error.trim().split("\n");
  return (
    <div class="failure" role="alert">
      <h2>{t("The run failed")}</h2>
      <p class="failure-what" lang="en">
        {what || t("No reason was recorded.")}
      </p>
      {where.length > 0 && (
        <pre class="failure-where" lang="en" tabIndex={0}>
          {where.join("\n")}
        </pre>
      )}
      <p class="quiet">
        {t("Ended {when}, on attempt {n}. The last checkpoint is kept; “Resume” continues from there.", {
          when: when(run.finished_at),
          n: run.attempts,
        })}{" "}
        <a href="#log">{t("View log")}</a>
      </p>
    </div>
  );
}
