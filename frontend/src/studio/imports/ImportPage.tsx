import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { FeedImport } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { duration } from "../kit/figures";
import { usePoll } from "../kit/hooks/poll";
import { LiveState } from "../LiveState";
import { Await } from "../kit/States";
import { Columns } from "./Columns";
import { countsOf, statusOf } from "./labels";
import { Start } from "./Start";

/** One import: what its columns are, what it would change, and what it has changed. */
export function ImportPage({ id }: { id: string }): JSX.Element {
  const [state, again, isOld] = usePoll(() => api<FeedImport>(`catalog/imports/${id}/`));
  const [isMapped, setMapped] = useState(false);
  return (
    <Await state={state} onAgain={again} rows={5}>
      {(row) => (
        <>
          <div class="page-head">
            <h1>{row.feed_name}</h1>
            <LiveState connection={isOld ? "away" : "polling"} />
          </div>
          <Outcome row={row} />
          <Pictures row={row} />
          {row.can_start && <Columns id={id} onReady={setMapped} />}
          {row.can_start && <Start row={row} isMapped={isMapped} onStarted={again} />}
          <Findings row={row} />
        </>
      )}
    </Await>
  );
}

function Outcome({ row }: { row: FeedImport }): JSX.Element | null {
  if (row.status === "draft") return null;
  const isActive = row.status === "running" || row.status === "queued";
  return (
    <section class="studio-section" aria-labelledby="import-outcome">
      <h2 id="import-outcome">{statusOf(row)}</h2>
      {isActive && <progress class="imports-progress" value={row.progress} aria-label={t("Progress")} />}
      {row.status === "failed" && (
        <p class="notice notice-problem" role="alert">
          {row.error}
        </p>
      )}
      {row.status === "done" && row.dry_run && (
        <p>{t("This is what the import would do. Nothing has been written.")}</p>
      )}
      {row.status === "done" && !row.dry_run && (
        <p>
          <a class="link" href="/browse/">
            {t("See the products")}
          </a>{" "}
          <a class="link" href="/">
            {t("Search by drawing")}
          </a>
        </p>
      )}
      <ul class="numbers">
        {countsOf(row).map(([label, n]) => (
          <li key={label}>
            <strong>{number(n)}</strong> <span class="quiet">{label}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The pictures by URL, which are fetched after the rows have been read. */
function Pictures({ row }: { row: FeedImport }): JSX.Element | null {
  const { waiting, fetched, unchanged, failed, eta_s } = row.pictures;
  const n = waiting + fetched + unchanged + failed;
  if (n === 0) return null;
  const counts: readonly (readonly [string, number])[] = [
    [t("waiting"), waiting],
    [t("fetched"), fetched],
    [t("unchanged"), unchanged],
    [t("failed"), failed],
  ];
  return (
    <section class="studio-section" aria-labelledby="import-pictures">
      <h2 id="import-pictures">{t("Pictures by URL")}</h2>
      {waiting > 0 && (
        <>
          <progress class="imports-progress" value={(n - waiting) / n} aria-label={t("Pictures by URL")} />
          {eta_s !== null && <p class="quiet">{t("About {time} left", { time: duration(eta_s) })}</p>}
        </>
      )}
      <ul class="numbers">
        {counts.map(([label, count]) => (
          <li key={label}>
            <strong>{number(count)}</strong> <span class="quiet">{label}</span>
          </li>
        ))}
      </ul>
      {failed > 0 && (
        <p class="notice notice-problem" role="status">
          {t("Some pictures could not be fetched; the findings below say why.")}
        </p>
      )}
    </section>
  );
}

function Findings({ row }: { row: FeedImport }): JSX.Element | null {
  if (row.issues.length === 0) return null;
  return (
    <section class="studio-section" aria-labelledby="import-findings">
      <h2 id="import-findings">{t("Findings")}</h2>
      <p>
        <a class="link" href={`/api/v1/catalog/imports/${row.id}/report/`} download>
          {t("All findings as CSV")}
        </a>
      </p>
      <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="import-findings">
        <table class="table studio-table">
          <thead>
            <tr>
              <th scope="col" class="figure">
                {t("Row")}
              </th>
              <th scope="col">{t("Item number")}</th>
              <th scope="col">{t("Column")}</th>
              <th scope="col">{t("Reason")}</th>
              <th scope="col">{t("Outcome")}</th>
            </tr>
          </thead>
          <tbody>
            {row.issues.map((issue, place) => (
              <tr key={place}>
                <td class="figure">{number(issue.row)}</td>
                <td>{issue.sku}</td>
                <td>{issue.field}</td>
                <td>{issue.why}</td>
                <td>{issue.refused ? t("refused") : t("noticed")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
