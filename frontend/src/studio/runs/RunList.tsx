import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Page, Run, RunStatus } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { decimal, when } from "../kit/figures";
import { usePoll } from "../kit/hooks/poll";
import { Await } from "../kit/States";
import { LiveState } from "../LiveState";
import { bestWords, RunMark, RunProgress, statusText } from "./words";

const FILTERS = ["", "queued", "running", "done", "failed", "cancelled"] as const;
const MOST_COMPARED = 6;

interface Look {
  readonly page: number;
  readonly status: "" | RunStatus;
}

/** Every run, newest first, updated live. The URL contains page and filter. */
export function RunList(): JSX.Element {
  const [look, setLook] = useState<Look>(() => lookOf(location.search));
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const query = queryOf(look);
  const [state, again, isOld] = usePoll(() => api<Page<Run>>(`runs/${query}`), [query]);
  useEffect(() => history.replaceState(null, "", location.pathname + query), [query]);
  const ids = [...chosen].sort((a, b) => a - b);
  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id) && next.size < MOST_COMPARED) next.add(id);
    setChosen(next);
  };
  return (
    <>
      <div class="page-head">
        <h1>{t("Runs")}</h1>
        <div class="head-actions">
          {isOld && <LiveState connection="away" />}
          <button
            type="button"
            class="action"
            aria-disabled={ids.length < 2}
            title={t("Select two to six runs.")}
            onClick={() => ids.length > 1 && location.assign(`/studio/runs/compare/?ids=${ids.join(",")}`)}
          >
            {ids.length > 0 ? t("Compare {n}", { n: ids.length }) : t("Compare")}
          </button>
          <a class="action" href="/studio/runs/rules/">
            {t("Retrain rules")}
          </a>
          <a class="action action-main" href="/studio/runs/new/">
            {t("New run")}
          </a>
        </div>
      </div>
      <div class="chips" role="group" aria-label={t("Status")}>
        {FILTERS.map((status) => (
          <button
            type="button"
            class="chip"
            key={status}
            aria-pressed={look.status === status}
            onClick={() => setLook({ page: 1, status })}
          >
            {status ? statusText(status) : t("All")}
          </button>
        ))}
      </div>
      <Await state={state} onAgain={again} rows={6}>
        {(page) =>
          page.count === 0 ? (
            look.status === "" ? (
              <Empty />
            ) : (
              <p class="quiet none">{t("No runs with this status.")}</p>
            )
          ) : (
            <>
              <Table rows={page.results} chosen={chosen} onToggle={toggle} />
              <Pages page={page} at={look.page} onPage={(number) => setLook({ ...look, page: number })} />
            </>
          )
        }
      </Await>
    </>
  );
}

function Empty(): JSX.Element {
  return (
    <div class="blank">
      <svg viewBox="0 0 120 80" aria-hidden="true">
        <path d="M16 10v58h90" />
        <path class="red" d="M22 18c6 26 14 34 26 38s32 6 54 6" />
      </svg>
      <h2>{t("No runs yet")}</h2>
      <p>
        {t(
          "A run trains a model on a snapshot of answers or a registered dataset. Its curves appear here during training.",
        )}
      </p>
      <p class="blank-actions">
        <a class="action action-main" href="/studio/runs/new/">
          {t("New run")}
        </a>
      </p>
    </div>
  );
}

interface TableProps {
  readonly rows: readonly Run[];
  readonly chosen: ReadonlySet<number>;
  readonly onToggle: (id: number) => void;
}

function Table({ rows, chosen, onToggle }: TableProps): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={t("Runs")}>
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{t("Compare")}</span>
            </th>
            <th scope="col">{t("Run")}</th>
            <th scope="col">{t("Status")}</th>
            <th scope="col">{t("Progress")}</th>
            <th scope="col">{t("Best validation score")}</th>
            <th scope="col" class="figure">
              {t("Minutes")}
            </th>
            <th scope="col">{t("Created")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((run) => (
            <tr key={run.id}>
              <td>
                <label class="pick">
                  <input type="checkbox" checked={chosen.has(run.id)} onChange={() => onToggle(run.id)} />
                  <span class="visually-hidden">{t("Compare run {id}", { id: run.id })}</span>
                </label>
              </td>
              <th scope="row">
                <a href={`/studio/runs/${run.id}/`}>
                  {run.id} · {run.system}
                </a>
                <small>
                  {run.profile}, {run.snapshot.name}
                  {run.note && <> · {run.note}</>}
                </small>
              </th>
              <td>
                <RunMark run={run} />
              </td>
              <td>
                {run.status === "failed" ? (
                  <span class="run-why" lang="en">
                    {firstLine(run.error)}
                  </span>
                ) : (
                  <RunProgress run={run} />
                )}
              </td>
              <td class="run-best">{bestWords(run.best)}</td>
              <td class="figure">{decimal(run.minutes, 1)}</td>
              <td class="nowrap">{when(run.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PagesProps {
  readonly page: Page<Run>;
  readonly at: number;
  readonly onPage: (number: number) => void;
}

function Pages({ page, at, onPage }: PagesProps): JSX.Element | null {
  if (!page.next && !page.previous) return null;
  return (
    <nav class="pages" aria-label={t("Pages")}>
      <button
        type="button"
        class="action"
        aria-disabled={!page.previous}
        onClick={() => page.previous && onPage(at - 1)}
      >
        {t("Newer")}
      </button>
      <span>{t("Page {page}, {n} in total", { page: at, n: number(page.count) })}</span>
      <button type="button" class="action" aria-disabled={!page.next} onClick={() => page.next && onPage(at + 1)}>
        {t("Older")}
      </button>
    </nav>
  );
}

function lookOf(search: string): Look {
  const query = new URLSearchParams(search);
  const status = FILTERS.find((name) => name === query.get("status")) ?? "";
  return { page: Math.max(1, Number(query.get("page")) || 1), status };
}

function queryOf({ page, status }: Look): string {
  const query = new URLSearchParams({ ...(page > 1 ? { page: String(page) } : {}), ...(status ? { status } : {}) });
  return query.size > 0 ? `?${query}` : "";
}

function firstLine(text: string): string {
  return text.split("\n")[0];
}
