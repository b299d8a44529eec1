import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AuditRow } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { when } from "../kit/figures";
import { usePages } from "../kit/hooks/pages";
import { More } from "../kit/More";
import { Await } from "../kit/States";

/** Who changed what in the campaign, and why; loaded when opened. */
export function Audit({ id }: { id: number }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="studio-section tasks" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2 id="audit-title">{t("Audit log")}</h2>
      </summary>
      {isOpen && <Log id={id} />}
    </details>
  );
}

function Log({ id }: { id: number }): JSX.Element {
  const [state, again] = usePages<AuditRow>(`campaigns/${id}/audit/`);
  return (
    <Await state={state} onAgain={again}>
      {(list) =>
        list.rows.length === 0 ? (
          <p class="notice">{t("No changes yet.")}</p>
        ) : (
          <>
            <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="audit-title">
              <table class="table studio-table">
                <thead>
                  <tr>
                    {[t("When"), t("Who"), t("Action"), t("Worker"), t("Reason")].map((name) => (
                      <th scope="col" key={name}>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {list.rows.map((row) => (
                    <tr key={row.id}>
                      <td>{when(row.at)}</td>
                      <td>{row.by ?? "–"}</td>
                      <th scope="row">{row.action}</th>
                      <td>{row.worker ?? "–"}</td>
                      <td>{row.reason}</td>
                    </tr>
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
