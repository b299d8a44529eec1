import type { JSX } from "preact";
import { api } from "../../shared/api/client";
import type { Queue, Worker } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { bytes, decimal, when } from "../kit/figures";
import { usePoll } from "../kit/hooks/poll";
import { Await } from "../kit/States";
import { LiveState } from "../LiveState";
import { isAlive } from "./attention";

/** The queues and the workers. */
export function QueuePage(): JSX.Element {
  const [state, again, isOld] = usePoll(() => api<Queue>("queue/"));
  return (
    <>
      <div class="page-head">
        <h1>{t("Queues and worker processes")}</h1>
        <LiveState connection={isOld ? "away" : "polling"} />
      </div>
      <Await state={state} onAgain={again} rows={4}>
        {(queue) => (
          <>
            <ul class="numbers">
              {queue.queues.map(({ name, waiting }) => (
                <li key={name}>
                  <strong>{number(waiting)}</strong> <span class="quiet">{t("waiting in “{name}”", { name })}</span>
                </li>
              ))}
            </ul>
            <section class="studio-section" aria-labelledby="workers-title">
              <h2 id="workers-title">{t("Worker processes")}</h2>
              {queue.workers.length === 0 ? <NoWorkers /> : <Workers rows={queue.workers} />}
            </section>
          </>
        )}
      </Await>
    </>
  );
}

function NoWorkers(): JSX.Element {
  return (
    <p class="notice notice-problem">
      {t("No worker process is reporting. Training, indexing and imports wait until one is started.")}
    </p>
  );
}

function Workers({ rows }: { rows: readonly Worker[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="workers-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Name")}</th>
            <th scope="col">{t("Status")}</th>
            <th scope="col">{t("Current job")}</th>
            <th scope="col">{t("Device")}</th>
            <th scope="col" class="figure">
              CPU
            </th>
            <th scope="col" class="figure">
              {t("RAM")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((worker) => (
            <tr key={worker.name}>
              <th scope="row">
                {worker.name}
                <small>{worker.queues.join(", ")}</small>
              </th>
              <td>
                <span class={`status run-${isAlive(worker) ? "running" : "failed"}`}>
                  {isAlive(worker) ? t("active") : t("no heartbeat since {time}", { time: when(worker.alive_at) })}
                </span>
              </td>
              <td>
                <Doing worker={worker} />
              </td>
              <td>{worker.device || "–"}</td>
              <td class="figure">{worker.cpu_percent === null ? "–" : `${decimal(worker.cpu_percent, 0)} %`}</td>
              <td class="figure">{bytes(worker.memory_bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Doing({ worker: { doing } }: { worker: Worker }): JSX.Element {
  if (!doing) return <span class="quiet">{t("idle")}</span>;
  if (doing.kind === "run") return <a href={`/studio/runs/${doing.id}/`}>{t("Run {id}", { id: doing.id })}</a>;
  return (
    <span lang="en">
      {doing.kind} {doing.id}
    </span>
  );
}
