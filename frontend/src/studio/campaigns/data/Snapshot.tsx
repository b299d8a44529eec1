import type { JSX } from "preact";
import { api } from "../../../shared/api/client";
import type { Snapshot } from "../../../shared/api/types";
import { number, t } from "../../../shared/texts";
import { when } from "../../kit/figures";
import { useLoad } from "../../kit/hooks/load";
import { Await } from "../../kit/States";
import { FreezeForm } from "./FreezeForm";

const FILES = ["csv", "jsonl", "parquet", "zip"] as const;

/** Freezes the counted votes into a snapshot for training, and lists existing snapshots. */
export function Snapshot({ id }: { id: number }): JSX.Element {
  const [state, again] = useLoad(() => api<Snapshot[]>(`campaigns/${id}/snapshots/`));
  return (
    <section class="studio-section" aria-labelledby="snapshot-title">
      <h2 id="snapshot-title">{t("Snapshots")}</h2>
      <p class="quiet">
        {t("Counted answers, aggregated and frozen for training and export. Unsettled triplets still await answers.")}
      </p>
      <FreezeForm
        path={`campaigns/${id}/snapshots/`}
        aggregations={[
          ["majority", t("Majority")],
          ["dawid-skene", "Dawid-Skene"],
          ["bradley-terry", "Bradley-Terry"],
        ]}
        unsettled={{
          label: t("Unsettled triplets"),
          options: [
            ["left_out", t("Leave out")],
            ["listed", t("Leave out, and list in a file")],
            ["flagged", t("Include, flagged")],
          ],
        }}
        onFrozen={again}
      />
      <Await state={state} onAgain={again} rows={1}>
        {(rows) => (rows.length === 0 ? <p class="notice">{t("No snapshots yet.")}</p> : <SnapshotTable rows={rows} />)}
      </Await>
    </section>
  );
}

function SnapshotTable({ rows }: { rows: readonly Snapshot[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="snapshot-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Snapshot")}</th>
            <th scope="col" class="figure">
              {t("Triplets")}
            </th>
            <th scope="col" class="figure">
              {t("Unsettled")}
            </th>
            <th scope="col" class="figure">
              {t("Answers")}
            </th>
            <th scope="col">{t("Created")}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, sha256, facts, created_at }) => (
            <tr key={id}>
              <th scope="row">
                {name} <code>{sha256.slice(0, 12)}</code>
              </th>
              <td class="figure">{number(facts.counts.triplets)}</td>
              <td class="figure">{number(facts.counts.unsettled ?? 0)}</td>
              <td class="figure">{number(facts.counts.votes)}</td>
              <td>{when(created_at)}</td>
              <td class="row-actions">
                <a class="action" href={`/studio/runs/new/?snapshot=${id}`}>
                  {t("Train")}
                </a>
                {FILES.map((type) => (
                  <a class="link" key={type} href={`/api/v1/snapshots/${id}/export?type=${type}`} download>
                    {type.toUpperCase()}
                  </a>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
