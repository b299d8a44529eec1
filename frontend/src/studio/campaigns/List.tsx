import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { number } from "../../shared/words";
import { day } from "../kit/figures";
import { Meter } from "../kit/Meter";
import { More } from "../kit/More";
import { Await } from "../kit/States";
import { t } from "./strings";
import { usePages } from "../kit/hooks/pages";
import type { CampaignRow, Status } from "./wire";

const FILTERS = ["all", "open", "draft", "paused", "closed", "archived"] as const;

export function List(): JSX.Element {
  const [state, again] = usePages<CampaignRow>("campaigns/");
  return (
    <>
      <div class="page-head">
        <h1>{t("campaigns")}</h1>
        <a class="action action-main" href="/studio/campaigns/new/">
          {t("newCampaign")}
        </a>
      </div>
      <Await state={state} onAgain={again} rows={5}>
        {(list) =>
          list.rows.length === 0 ? (
            <Empty />
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

function Empty(): JSX.Element {
  return (
    <div class="blank">
      <svg viewBox="0 0 120 80" aria-hidden="true">
        <path d="M22 14c14-1 30-1 44 0 1 18 1 36 0 54-14 1-30 1-44 0-1-18-1-36 0-54Zm10 14c8-1 16-1 24 0M32 42c8-1 14-1 20 0" />
        <path class="red" d="m84 34 0 24m-12-12 24 0" />
      </svg>
      <h2>{t("emptyTitle")}</h2>
      <p>{t("emptyText")}</p>
      <p class="blank-actions">
        <a class="action action-main" href="/studio/campaigns/new/">
          {t("newCampaign")}
        </a>
      </p>
    </div>
  );
}

function Table({ rows }: { rows: readonly CampaignRow[] }): JSX.Element {
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>("all");
  const shown = rows.filter(({ status }) => filter === "all" || status === filter);
  const count = (name: string) => rows.filter(({ status }) => name === "all" || status === name).length;
  return (
    <>
      <div class="chips" role="group" aria-label={t("status")}>
        {FILTERS.filter((name) => name === "all" || count(name) > 0).map((name) => (
          <button type="button" class="chip" key={name} aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {t(name)} <span>{number(count(name))}</span>
          </button>
        ))}
      </div>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={t("campaigns")}>
        <table class="table studio-table">
          <thead>
            <tr>
              <th scope="col">{t("title")}</th>
              <th scope="col">{t("status")}</th>
              <th scope="col">{t("progress")}</th>
              <th scope="col" class="figure">
                {t("votes")}
              </th>
              <th scope="col" class="figure">
                {t("workers")}
              </th>
              <th scope="col">{t("created")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <a href={`/studio/campaigns/${row.id}/`}>{row.title}</a>
                  <small>{t(row.kind)}</small>
                </th>
                <td>
                  <StatusMark status={row.status} />
                </td>
                <td>
                  <Meter value={row.n_decided} max={row.n_tasks} />
                </td>
                <td class="figure">{number(row.n_votes)}</td>
                <td class="figure">{number(row.n_workers)}</td>
                <td class="nowrap">{day(row.created_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export function StatusMark({ status }: { status: Status }): JSX.Element {
  return <span class={`status status-${status}`}>{t(status)}</span>;
}
