import type { JSX } from "preact";
import { api, listOf } from "../../shared/api/client";
import type { Campaign, Gate, Page, Queue, Release, Run } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";
import { when } from "../kit/figures";
import { usePoll } from "../kit/hooks/poll";
import { Meter } from "../kit/Meter";
import { Await } from "../kit/States";
import { LiveState } from "../LiveState";
import { liveOrNone } from "../releases/live";
import { RunMark, runName, RunProgress } from "../runs/words";
import { isAlive, type Matter, mattersOf, type State } from "./attention";

interface Data extends State {
  readonly running: readonly Run[];
  readonly campaigns: readonly Campaign[];
}

const runs = (query: string) => api<Page<Run>>(`runs/?${query}`).then(({ results }) => results);

/** An overview: the live release, items that need attention, runs, and campaigns. */
export function Overview(): JSX.Element {
  const [state, again, isOld] = usePoll<Data>(async () => {
    const [live, releases, gates, failed, running, queue, campaigns] = await Promise.all([
      liveOrNone(),
      api<Page<Release>>("releases/").then(({ results }) => results),
      api<Page<Gate>>("gates/?page_size=100").then(({ results }) => results),
      runs("status=failed&page_size=3"),
      runs("status=running&page_size=10"),
      api<Queue>("queue/"),
      api<{ readonly results: readonly Campaign[] }>("campaigns/").then(listOf),
    ]);
    return { live, releases, gates, failed, running, queue, campaigns };
  });
  return (
    <>
      <div class="page-head">
        <h1>{t("Overview")}</h1>
        {isOld && <LiveState connection="away" />}
      </div>
      <Await state={state} onAgain={again} rows={8}>
        {(data) => <Whole data={data} />}
      </Await>
    </>
  );
}

function Whole({ data }: { data: Data }): JSX.Element {
  const { live, running, queue } = data;
  const matters = mattersOf(data);
  const open = data.campaigns.filter(({ status }) => status === "open");
  const alive = queue.workers.filter((worker) => isAlive(worker)).length;
  const waiting = queue.queues.reduce((sum, one) => sum + one.waiting, 0);
  return (
    <>
      <ul class="numbers">
        <li>
          <strong>
            <a href="/studio/releases/">{live ? t("Release {id}", { id: live.id }) : "–"}</a>
          </strong>{" "}
          <span class="quiet">
            {live ? t("live release, {time}", { time: when(live.promoted_at) }) : t("No release is live")}
          </span>
        </li>
        <li>
          <strong>
            <a href="/studio/runs/?status=running">{number(running.length)}</a>
          </strong>{" "}
          <span class="quiet">{t("in training")}</span>
        </li>
        <li>
          <strong>
            <a href="/studio/queue/">{number(waiting)}</a>
          </strong>{" "}
          <span class="quiet">{t("waiting in queues")}</span>
        </li>
        <li>
          <strong>
            <a href="/studio/queue/">{number(alive)}</a>
          </strong>{" "}
          <span class="quiet">{t("worker processes active")}</span>
        </li>
      </ul>
      <div class="overview">
        <section aria-labelledby="matters-title">
          <h2 id="matters-title">{t("Needs attention")}</h2>
          {matters.length === 0 ? (
            <p class="quiet none">{t("Nothing needs attention.")}</p>
          ) : (
            <ul class="matters">
              {matters.map((matter) => (
                <MatterLine key={keyOf(matter)} matter={matter} />
              ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="running-title">
          <h2 id="running-title">{t("In training")}</h2>
          {running.length === 0 ? (
            <p class="none">
              <span class="quiet">{t("No active runs.")}</span> <a href="/studio/runs/new/">{t("New run")}</a>
            </p>
          ) : (
            <ul class="matters">
              {running.map((run) => (
                <li key={run.id}>
                  <p>
                    <a href={`/studio/runs/${run.id}/`}>{runName(run)}</a> <RunMark run={run} />
                  </p>
                  <RunProgress run={run} />
                </li>
              ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="open-title">
          <h2 id="open-title">{t("Open campaigns")}</h2>
          {open.length === 0 ? (
            <p class="none">
              <span class="quiet">{t("No open campaigns.")}</span> <a href="/studio/campaigns/">{t("Campaigns")}</a>
            </p>
          ) : (
            <ul class="matters">
              {open.map((campaign) => (
                <li key={campaign.id}>
                  <p>
                    <a href={`/studio/campaigns/${campaign.id}/`}>{campaign.title}</a>
                  </p>
                  <Meter value={campaign.n_decided} max={campaign.n_tasks} />
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </>
  );
}

function MatterLine({ matter }: { matter: Matter }): JSX.Element {
  switch (matter.kind) {
    case "noLive":
      return (
        <li>
          <span class="status run-failed">{t("No release is live")}</span>{" "}
          {t("Searches return no results until a release is promoted.")}
        </li>
      );
    case "noTrainer":
      return (
        <li>
          <span class="status run-failed">{t("No training worker")}</span>{" "}
          <a href="/studio/queue/">{tn("1 run is waiting.", "{n} runs are waiting.", matter.n)}</a>
        </li>
      );
    case "candidate":
      return (
        <li>
          <a href={`/studio/releases/${matter.release}/`}>{t("Release {id}", { id: matter.release })}</a>{" "}
          <span class={`status run-${matter.passed ? "passed" : "failed"}`}>
            {matter.passed ? t("passed the gate, ready to promote") : t("refused by the gate")}
          </span>
        </li>
      );
    case "failedRun":
      return (
        <li>
          <a href={`/studio/runs/${matter.run.id}/`}>{runName(matter.run)}</a>{" "}
          <span class="status run-failed">{t("Failed")}</span>
          <span class="run-why" lang="en">
            {matter.run.error.split("\n")[0]}
          </span>
        </li>
      );
  }
}

function keyOf(matter: Matter): string {
  if (matter.kind === "candidate") return `candidate ${matter.release}`;
  return matter.kind === "failedRun" ? `run ${matter.run.id}` : matter.kind;
}
