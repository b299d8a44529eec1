import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Model } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { day } from "../kit/figures";
import { usePages } from "../kit/hooks/pages";
import { More } from "../kit/More";
import { Await } from "../kit/States";
import { columnsOf, Figure, modelName } from "./metrics";

/** Every model version with the figures of its card, newest first. */
export function ModelList(): JSX.Element {
  const [state, again] = usePages<Model>("models/");
  return (
    <>
      <div class="page-head">
        <h1>{t("Models")}</h1>
      </div>
      <Await state={state} onAgain={again} rows={5}>
        {(list) =>
          list.rows.length === 0 ? (
            <div class="blank">
              <h2>{t("No models yet")}</h2>
              <p>{t("When a run finishes and its model can go live, the model is registered here.")}</p>
            </div>
          ) : (
            <>
              <Table rows={list.rows} />
              <More rows={list} />
            </>
          )
        }
      </Await>
    </>
  );
}

function Table({ rows }: { rows: readonly Model[] }): JSX.Element {
  const columns = useMemo(() => columnsOf(rows), [rows]);
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={t("Models")}>
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Model")}</th>
            <th scope="col">{t("System")}</th>
            {columns.map((name) => (
              <th scope="col" class="figure" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">{t("Run")}</th>
            <th scope="col">{t("Created")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((model) => (
            <tr key={model.id}>
              <th scope="row">
                <a href={`/studio/models/${model.id}/`}>{modelName(model)}</a>
                <small>
                  <code>{model.sha256.slice(0, 12)}</code>
                </small>
              </th>
              <td>{model.system}</td>
              {columns.map((name) => (
                <td class="figure" key={name}>
                  <Figure name={name} metrics={model.metrics} />
                </td>
              ))}
              <td>
                {model.training_run === null ? (
                  <span class="quiet">{t("trained elsewhere")}</span>
                ) : (
                  <a href={`/studio/runs/${model.training_run}/`}>{t("Run {id}", { id: model.training_run })}</a>
                )}
              </td>
              <td class="nowrap">{day(model.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
