import type { JSX } from "preact";
import type { MaterialImport } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";
import { when } from "../kit/figures";
import { Meter } from "../kit/Meter";

/** An upload: how far it is, or every row that was refused. */
export function ImportRow({ row }: { row: MaterialImport }): JSX.Element {
  const what = row.what === "sketches" ? t("Sketches") : t("Private photos");
  const isRunning = row.status === "running" && row.n_rows > 0;
  return (
    <li class="sets-import">
      <p>
        <strong>{row.file_name}</strong> {what}, {when(row.created_at)}: {statusOf(row)}
      </p>
      {isRunning && <Meter value={row.n_read} max={row.n_rows} />}
      {row.n_refused > 0 && (
        <div class="notice notice-problem sets-refused">
          <p>{tn("Nothing was added: 1 row is wrong.", "Nothing was added: {n} rows are wrong.", row.n_refused)}</p>
          <ul>
            {row.findings.map((found) => (
              <li key={`${found.row} ${found.field}`}>
                {found.row > 0 && `${t("Row {row}", { row: number(found.row) })}, `}
                {[found.own_id, found.file].filter(Boolean).join(", ")}: {found.field}: {found.message}
              </li>
            ))}
          </ul>
          {row.n_refused > row.findings.length && <p>{t("Further rows are not listed.")}</p>}
        </div>
      )}
    </li>
  );
}

function statusOf({ status, n_rows }: MaterialImport): string {
  return {
    queued: t("Waiting"),
    running: t("Running"),
    done: tn("1 added", "{n} added", n_rows),
    failed: t("Refused"),
  }[status];
}
