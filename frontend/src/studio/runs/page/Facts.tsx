import type { ComponentChildren, JSX } from "preact";
import { duration, moment } from "../../kit/figures";
import { VerdictMark } from "../../releases/VerdictMark";
import { t } from "../../strings";
import type { RunFull } from "../../wire";
import { bestWords } from "../words";

/** What the run is about and what came of it, in a dense list. */
export function RunFacts({ run }: { run: RunFull }): JSX.Element {
  const facts: (readonly [label: string, value: ComponentChildren])[] = [
    [t("snapshot"), `${run.snapshot.name} (${run.snapshot.format})`],
    [t("profile"), run.profile],
    ...(run.base_model ? [[t("baseModel"), <ModelLink {...run.base_model} />] as const] : []),
    ...(bestWords(run.best) ? [[t("best"), bestWords(run.best)] as const] : []),
    [t("trained"), duration(run.minutes * 60)],
    ...(run.device ? [[t("device"), run.device] as const] : []),
    ...(run.worker ? [[t("worker"), run.worker] as const] : []),
    [t("attempts"), run.attempts],
    [t("asked"), `${moment(run.created_at)}${run.created_by ? `, ${run.created_by}` : ""}`],
    ...(run.finished_at ? [[t("ended"), moment(run.finished_at)] as const] : []),
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

/** The way on from a finished run: its model, and what the gate says of its release. */
function Outcome({ run }: { run: RunFull }): JSX.Element {
  return (
    <p class="notice run-outcome">
      <span>
        {t("becameModel")}{" "}
        {run.models.map((model) => (
          <ModelLink key={model.id} {...model} />
        ))}{" "}
        {run.gate ? <VerdictMark gate={run.gate} /> : t("indexUnderWay")}
      </span>
      {run.gate && (
        <a class="action" href={`/studio/releases/${run.gate.release}/`}>
          {t("releaseN", { id: run.gate.release })}
        </a>
      )}
    </p>
  );
}

function ModelLink({ id, name, version }: { id: number; name: string; version: string }): JSX.Element {
  return <a href={`/studio/models/${id}/`}>{`${name} ${version}`.trim()}</a>;
}
