import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Campaign, CampaignStatus } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { day } from "../kit/figures";
import { usePages } from "../kit/hooks/pages";
import { Meter } from "../kit/Meter";
import { More } from "../kit/More";
import { Await } from "../kit/States";
import { kindText, statusText } from "./labels";

const FILTERS = ["all", "open", "draft", "paused", "closed", "archived"] as const;

export function List(): JSX.Element {
  const [state, again] = usePages<Campaign>("campaigns/");
  return (
    <>
      <div class="page-head">
        <h1>{t("Campaigns")}</h1>
        <p class="head-links">
          <a class="action" href="/studio/campaigns/audit/">
            {t("Audit log")}
          </a>
          <a class="action action-main" href="/studio/campaigns/new/">
            {t("New campaign")}
          </a>
        </p>
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
      <h2>{t("No campaigns yet")}</h2>
      <p>
        {t(
          "In a campaign, people judge which product matches a sketch, say what a picture shows, or draw from memory.",
        )}
      </p>
      <p class="blank-actions">
        <a class="action action-main" href="/studio/campaigns/new/">
          {t("New campaign")}
        </a>
      </p>
    </div>
  );
}

function Table({ rows }: { rows: readonly Campaign[] }): JSX.Element {
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>("all");
  const shown = rows.filter(({ status }) => filter === "all" || status === filter);
  const count = (name: string) => rows.filter(({ status }) => name === "all" || status === name).length;
  return (
    <>
      <div class="chips" role="group" aria-label={t("Status")}>
        {FILTERS.filter((name) => name === "all" || count(name) > 0).map((name) => (
          <button type="button" class="chip" key={name} aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {name === "all" ? t("All") : statusText(name)} <span>{number(count(name))}</span>
          </button>
        ))}
      </div>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={t("Campaigns")}>
        <table class="table studio-table">
          <thead>
            <tr>
              <th scope="col">{t("Title")}</th>
              <th scope="col">{t("Status")}</th>
              <th scope="col">{t("Progress")}</th>
              <th scope="col" class="figure">
                {t("Answers")}
              </th>
              <th scope="col" class="figure">
                {t("Workers")}
              </th>
              <th scope="col">{t("Created")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <a href={`/studio/campaigns/${row.id}/`}>{row.title}</a>
                  <small>{kindText(row.kind)}</small>
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

export function StatusMark({ status }: { status: CampaignStatus }): JSX.Element {
  return <span class={`status status-${status}`}>{statusText(status)}</span>;
}
