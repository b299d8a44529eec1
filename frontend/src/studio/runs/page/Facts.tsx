import type { ComponentChildren, JSX } from "preact";
import type { RunFull } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { duration, moment } from "../../kit/figures";
import { VerdictMark } from "../../releases/VerdictMark";
import { bestWords } from "../words";

/** The run's inputs and results, in a dense list. */
export function RunFacts({ run }: { run: RunFull }): JSX.Element {
  const facts: (readonly [label: string, value: ComponentChildren])[] = [
    [t("Snapshot"), `${run.snapshot.name} (${run.snapshot.format})`],
    [t("Profile"), run.profile],
    ...(run.base_model ? [[t("Base model"), <ModelLink {...run.base_model} />] as const] : []),
    ...(bestWords(run.best) ? [[t("Best validation score"), bestWords(run.best)] as const] : []),
    [t("Training time"), duration(run.minutes * 60)],
    ...(run.device ? [[t("Device"), run.device] as const] : []),
    ...(run.worker ? [[t("Worker process"), run.worker] as const] : []),
    [t("Attempts"), run.attempts],
    [t("Requested"), `${moment(run.created_at)}${run.created_by ? `, ${run.created_by}` : ""}`],
    ...(run.finished_at ? [[t("Ended"), moment(run.finished_at)] as const] : []),
  ];
  return (
    <>
      {run.models.length > 0 && <Outcome run={run} />}
      <dl class="run-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** The next steps of a finished run: its model, and the gate's verdict on its release. */
function Outcome({ run }: { run: RunFull }): JSX.Element {
  return (
    <p class="notice run-outcome">
      <span>
        {t("Trained model:")}{" "}
        {run.models.map((model) => (
          <ModelLink key={model.id} {...model} />
        ))}{" "}
        {run.gate ? (
          <VerdictMark gate={run.gate} />
        ) : (
          t("Its index is being built. The gate will then compare it with the live release.")
        )}
      </span>
      {run.gate && (
        <a class="action" href={`/studio/releases/${run.gate.release}/`}>
          {t("Release {id}", { id: run.gate.release })}
        </a>
      )}
    </p>
  );
}

function ModelLink({ id, name, version }: { id: number; name: string; version: string }): JSX.Element {
  return <a href={`/studio/models/${id}/`}>{`${name} ${version}`.trim()}</a>;
}
