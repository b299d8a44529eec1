import type { JSX } from "preact";
import { api } from "../../shared/api/client";
import type { IndexBuild, ModelFull } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { day, moment } from "../kit/figures";
import { usePoll } from "../kit/hooks/poll";
import { useSend } from "../kit/hooks/send";
import { Await, Trouble } from "../kit/States";
import { LiveState } from "../LiveState";
import { Pictures } from "../Pictures";
import { Figure, lacksIndex, modelName, namesOf } from "./metrics";

/** One model version: its source, metrics and status; its card follows on the page. */
export function ModelPage({ id }: { id: number }): JSX.Element {
  const [state, again, isOld] = usePoll(() => api<ModelFull>(`models/${id}/`));
  return (
    <>
      <nav class="crumbs" aria-label={t("Models")}>
        <a href="/studio/models/">{t("Models")}</a> <span aria-hidden="true">/</span> {id}
        {isOld && <LiveState connection="away" />}
      </nav>
      <Await state={state} onAgain={again} rows={6}>
        {(model) => <Whole model={model} onDone={again} />}
      </Await>
    </>
  );
}

function buildText(status: IndexBuild["status"]): string {
  return { queued: t("Waiting"), running: t("Running"), ready: t("Ready"), failed: t("Failed") }[status];
}

interface Props {
  readonly model: ModelFull;
  readonly onDone: () => void;
}

function Whole({ model, onDone }: Props): JSX.Element {
  const { tuned_from: parent, training_run: run } = model;
  const names = namesOf(model.metrics);
  return (
    <>
      <div class="page-head studio-head">
        <h1>{modelName(model)}</h1>
      </div>
      <dl class="run-facts">
        <div>
          <dt>{t("System")}</dt>
          <dd>{model.system}</dd>
        </div>
        <div>
          <dt>{t("Run")}</dt>
          <dd>
            {run === null ? t("trained elsewhere") : <a href={`/studio/runs/${run}/`}>{t("Run {id}", { id: run })}</a>}
          </dd>
        </div>
        {parent && (
          <div>
            <dt>{t("Base model")}</dt>
            <dd>
              {parent.id ? (
                <a href={`/studio/models/${parent.id}/`}>{t("Model {id}", { id: parent.id })}</a>
              ) : (
                (parent.name ?? t("unregistered model"))
              )}
            </dd>
          </div>
        )}
        <div>
          <dt>{t("Created")}</dt>
          <dd>
            {moment(model.created_at)}
            {model.created_by && `, ${model.created_by}`}
          </dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd>
            <code title={model.sha256}>{model.sha256.slice(0, 20)}…</code>
          </dd>
        </div>
      </dl>
      {names.length > 0 && (
        <section class="studio-section" aria-labelledby="metrics-title">
          <h2 id="metrics-title">{t("Metrics")}</h2>
          <ul class="numbers">
            {names.map((name) => (
              <li key={name}>
                <strong>
                  <Figure name={name} metrics={model.metrics} />
                </strong>{" "}
                <span class="quiet">{name}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="studio-section" aria-labelledby="indexes-title">
        <h2 id="indexes-title">{t("Indexes and releases")}</h2>
        {model.indexes.length === 0 ? (
          <p class="quiet none">{t("No index built yet.")}</p>
        ) : (
          <Indexes builds={model.indexes} />
        )}
        {lacksIndex(model) && <IndexAgain model={model} onDone={onDone} />}
        {model.releases.length > 0 && (
          <p class="release-links">
            {model.releases.map(({ id, note, created_at }) => (
              <a class="action" key={id} href={`/studio/releases/${id}/`}>
                {t("Release {id}", { id })}, {day(created_at)}
                {note && ` · ${note}`}
              </a>
            ))}
          </p>
        )}
      </section>
      <Pictures pictures={model.pictures} />
    </>
  );
}

/** Requests the index of a trained model whose last one failed; its release and gate follow automatically. */
function IndexAgain({ model, onDone }: Props): JSX.Element {
  const { isBusy, trouble, send } = useSend();
  const ask = () =>
    void send(async () => {
      await api(`models/${model.id}/index`, {});
      onDone();
    });
  return (
    <>
      <p class="release-links">
        <button type="button" class="action action-main" aria-disabled={isBusy} onClick={ask}>
          {t("Rebuild index")}
        </button>
      </p>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={ask} />}
    </>
  );
}

const LOOKS = { queued: "queued", running: "running", ready: "done", failed: "failed" } as const;

function Indexes({ builds }: { builds: readonly IndexBuild[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="indexes-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Index")}</th>
            <th scope="col">{t("Status")}</th>
            <th scope="col">{t("Photos")}</th>
            <th scope="col" class="figure">
              {t("Unreadable photos")}
            </th>
            <th scope="col">{t("Created")}</th>
          </tr>
        </thead>
        <tbody>
          {builds.map((build) => (
            <tr key={build.id}>
              <th scope="row">
                {t("Build {id}", { id: build.id })}
                {build.sha256 && (
                  <small>
                    <code>{build.sha256.slice(0, 12)}</code>
                    {build.numbers && (
                      <>
                        {" · "}
                        <code>{build.numbers.precision}</code>
                      </>
                    )}
                  </small>
                )}
              </th>
              <td>
                <span class={`status run-${LOOKS[build.status]}`}>{buildText(build.status)}</span>
                {build.error && (
                  <small class="run-why" lang="en">
                    {build.error}
                  </small>
                )}
              </td>
              <td>
                {build.status === "ready" || build.n_total === 0 ? (
                  number(build.n_photos)
                ) : (
                  <span class="meter">
                    <progress value={build.n_done} max={build.n_total} aria-label={t("Progress")} />
                    <span>{t("{n} of {total}", { n: number(build.n_done), total: number(build.n_total) })}</span>
                  </span>
                )}
              </td>
              <td class="figure">{number(build.n_skipped)}</td>
              <td class="nowrap">{moment(build.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
