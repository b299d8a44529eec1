import type { JSX } from "preact";
import { api } from "../../../shared/api/client";
import type { AttributeAgreement, AttributeTable } from "../../../shared/api/types";
import { number, t } from "../../../shared/texts";
import { decimal, percent, when } from "../../kit/figures";
import { useLoad } from "../../kit/hooks/load";
import { Await } from "../../kit/States";
import { Links } from "./Exports";
import { FreezeForm } from "./FreezeForm";

/** New answers change agreement little, so it is reloaded every hundred answers. */
const VOTES_A_LOOK = 100;
const FILES = ["csv", "jsonl", "parquet", "zip"];

/** How far workers agree on each attribute, and the tables frozen from their answers. */
export function Attributes({ id, nVotes }: { id: number; nVotes: number }): JSX.Element {
  const look = Math.floor(nVotes / VOTES_A_LOOK);
  const [agreement, ask] = useLoad(() => api<AttributeAgreement[]>(`campaigns/${id}/attributes/`), [look]);
  return (
    <section class="studio-section" aria-labelledby="attributes-title">
      <h2 id="attributes-title">{t("Attributes")}</h2>
      <p class="quiet">
        {t(
          "What the majority says, and how far workers agree (Krippendorff’s alpha: 1 is full agreement, 0 is chance).",
        )}
      </p>
      <Await state={agreement} onAgain={ask} rows={3}>
        {(rows) => <AgreementTable rows={rows} />}
      </Await>
      <Tables id={id} />
    </section>
  );
}

function AgreementTable({ rows }: { rows: readonly AttributeAgreement[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="attributes-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Attribute")}</th>
            {[t("Yes"), t("No"), t("Tied"), t("Alpha"), t("Agreement")].map((word) => (
              <th scope="col" class="figure" key={word}>
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.slug}>
              <th scope="row">{row.name}</th>
              <td class="figure">{number(row.n_yes)}</td>
              <td class="figure">{number(row.n_no)}</td>
              <td class="figure">{number(row.n_tied)}</td>
              <td class="figure">{decimal(row.alpha, 2)}</td>
              <td class="figure">{percent(row.agreement)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Tables({ id }: { id: number }): JSX.Element {
  const [state, again] = useLoad(() => api<AttributeTable[]>(`campaigns/${id}/attribute-tables/`));
  return (
    <>
      <h3 id="tables-title">{t("Frozen tables")}</h3>
      <p class="quiet">{t("For export, and to choose the candidates of triplets.")}</p>
      <FreezeForm
        path={`campaigns/${id}/attribute-tables/`}
        aggregations={[
          ["majority", t("Majority")],
          ["dawid-skene", "Dawid-Skene"],
        ]}
        unsettled={{
          label: t("Products that await answers"),
          options: [
            ["left_out", t("Leave out")],
            ["flagged", t("Include, flagged")],
          ],
        }}
        onFrozen={again}
      />
      <Await state={state} onAgain={again} rows={1}>
        {(rows) => (rows.length === 0 ? <p class="notice">{t("No tables yet.")}</p> : <TableList rows={rows} />)}
      </Await>
    </>
  );
}

function TableList({ rows }: { rows: readonly AttributeTable[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="tables-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Table")}</th>
            {[t("Products"), t("Sketches"), t("Unsettled"), t("Answers")].map((word) => (
              <th scope="col" class="figure" key={word}>
                {word}
              </th>
            ))}
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
              <td class="figure">{number(facts.counts.products ?? 0)}</td>
              <td class="figure">{number(facts.counts.sketches ?? 0)}</td>
              <td class="figure">{number(facts.counts.unsettled ?? 0)}</td>
              <td class="figure">{number(facts.counts.votes ?? 0)}</td>
              <td>{when(created_at)}</td>
              <td class="row-actions">
                <Links address={`/api/v1/attribute-tables/${id}/export`} types={FILES} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
