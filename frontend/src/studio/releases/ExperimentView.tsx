import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Experiment, Experiments } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { percent, when } from "../kit/figures";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { ExperimentOutcome } from "./ExperimentOutcome";

const SHARES = [5, 10, 25, 50, 100];

interface Props {
  readonly release: number;
  readonly liveId: number | null;
  readonly experiments: Experiments;
  readonly onDone: () => void;
}

/** Visitors' comparison of this release with the live one: start, outcome so far, end; and earlier ones. */
export function ExperimentView({ release, liveId, experiments, onDone }: Props): JSX.Element | null {
  const [share, setShare] = useState(10);
  const { isBusy, trouble, send } = useSend();
  const running = experiments.results.find((one) => one.is_running);
  const own = experiments.results.filter((one) => one.release === release);
  const isLive = release === liveId;
  if (isLive && own.length === 0) return null;
  const start = () =>
    void send(async () => {
      await api("experiments/", { release, percent: share });
      onDone();
    });
  const end = (id: number) =>
    void send(async () => {
      await api(`experiments/${id}/end`, {});
      onDone();
    });
  return (
    <section class="studio-section" aria-labelledby="experiment-title">
      <h2 id="experiment-title">{t("Compared by visitors")}</h2>
      {!isLive && !running && experiments.recording === "off" && (
        <p class="notice">
          {t("Visitors can compare this release with the live one once clicks are recorded:")}{" "}
          <a href="/studio/insights/">{t("Insights")}</a>
        </p>
      )}
      {!isLive && !running && experiments.recording !== "off" && (
        <form
          class="experiment-start"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isBusy) start();
          }}
        >
          <p>{t("Results of both releases are mixed in one list; what visitors open decides.")}</p>
          <label>
            {t("Share of visits")}{" "}
            <select class="field" value={share} onChange={({ currentTarget }) => setShare(Number(currentTarget.value))}>
              {SHARES.map((n) => (
                <option key={n} value={n}>
                  {percent(n / 100)}
                </option>
              ))}
            </select>
          </label>
          <button class="action" aria-disabled={isBusy}>
            {t("Let visitors compare")}
          </button>
        </form>
      )}
      {running && running.release !== release && !isLive && (
        <p class="notice">
          {t("Visitors are comparing another release:")}{" "}
          <a href={`/studio/releases/${running.release}/`}>{t("Release {id}", { id: running.release })}</a>
        </p>
      )}
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={onDone} />}
      {own.length > 0 && (
        <ol class="experiments">
          {own.map((experiment) => (
            <li key={experiment.id} class="experiment">
              <header class="section-head">
                <span>
                  <Span of={experiment} />
                </span>
                {experiment.is_running && (
                  <button
                    type="button"
                    class="action action-main"
                    aria-disabled={isBusy}
                    onClick={() => end(experiment.id)}
                  >
                    {t("End it now")}
                  </button>
                )}
              </header>
              <ExperimentOutcome outcome={experiment.outcome} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** When, against which release, and for whom. */
function Span({ of }: { of: Experiment }): JSX.Element {
  const facts = { id: of.against, share: number(of.percent), time: when(of.started_at) };
  if (of.is_running) {
    return (
      <>
        <span class="status run-running">{t("running")}</span>{" "}
        {t("Against release {id}, {share} % of visits, started {time}", facts)}
      </>
    );
  }
  return (
    <>
      {t("Against release {id}, {share} % of visits, started {time}", facts)},{" "}
      {t("ended {time}", { time: when(of.ended_at) })}
      {of.end_reason && (
        <span class="quiet" lang="en">
          {` · ${of.end_reason}`}
        </span>
      )}
    </>
  );
}
