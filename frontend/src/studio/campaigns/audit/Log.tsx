import type { JSX } from "preact";
import type { AuditRow } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { moment } from "../../kit/figures";
import { usePages } from "../../kit/hooks/pages";
import { More } from "../../kit/More";
import { Await } from "../../kit/States";
import { changesOf } from "./changes";
import { actionText } from "./words";

interface Props {
  readonly path: string;
  /** Each row names its campaign. */
  readonly hasCampaigns?: boolean;
}

/** Audit events, newest first: who did what, with the values before and after. */
export function Log({ path, hasCampaigns = false }: Props): JSX.Element {
  const [state, again] = usePages<AuditRow>(path);
  const names = [
    t("When"),
    t("Who"),
    t("Action"),
    ...(hasCampaigns ? [t("Campaign")] : []),
    t("Worker"),
    t("Change"),
    t("Reason"),
  ];
  return (
    <Await state={state} onAgain={again}>
      {(list) =>
        list.rows.length === 0 ? (
          <p class="notice">{t("No changes yet.")}</p>
        ) : (
          <>
            <div class="table-wrap" tabIndex={0} role="region" aria-label={t("Audit log")}>
              <table class="table studio-table audit-table">
                <thead>
                  <tr>
                    {names.map((name) => (
                      <th scope="col" key={name}>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {list.rows.map((row) => (
                    <Event key={row.id} row={row} hasCampaigns={hasCampaigns} />
                  ))}
                </tbody>
              </table>
            </div>
            <More rows={list} />
          </>
        )
      }
    </Await>
  );
}

function Event({ row, hasCampaigns }: { row: AuditRow; hasCampaigns: boolean }): JSX.Element {
  return (
    <tr>
      <td class="nowrap">{moment(row.at)}</td>
      <td>{row.by === null ? t("the site") : <span lang="">{row.by}</span>}</td>
      <th scope="row">{actionText(row.action)}</th>
      {hasCampaigns && (
        <td>{row.campaign === null ? "–" : <a href={`/studio/campaigns/${row.campaign}/`}>{row.campaign_title}</a>}</td>
      )}
      <td>{row.worker ?? "–"}</td>
      <td>
        <ul class="audit-changes">
          {changesOf(row.facts).map(({ name, before, after }) => (
            <li key={name}>
              {name}:{" "}
              {before !== null && (
                <>
                  <del>{before}</del> →{" "}
                </>
              )}
              {after !== null && <ins>{after}</ins>}
            </li>
          ))}
        </ul>
      </td>
      <td lang="">{row.reason}</td>
    </tr>
  );
}
