import type { JSX } from "preact";
import type { Participant } from "../../../shared/api/types";
import { number, t } from "../../../shared/texts";
import { decimal, moment } from "../../kit/figures";
import { findingText, intervalText } from "./evidence";
import { amount, stateText, verdictText } from "./words";

interface Props {
  readonly rows: readonly Participant[];
  readonly currency: string;
  readonly chosen: ReadonlySet<number>;
  readonly onChoose: (chosen: ReadonlySet<number>) => void;
}

/** One row per participant: evidence, what the rules pay, and the decision. */
export function Participants({ rows, currency, chosen, onChoose }: Props): JSX.Element {
  const payable = rows.filter(({ panel_id }) => panel_id).map(({ enrolment_id }) => enrolment_id);
  const areAll = payable.length > 0 && payable.every((id) => chosen.has(id));
  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="participants-title">
      <table class="table studio-table settle-table">
        <thead>
          <tr>
            <th scope="col">
              <label class="pick">
                <input
                  type="checkbox"
                  aria-label={t("Select all shown")}
                  checked={areAll}
                  onChange={() => onChoose(new Set(areAll ? [] : payable))}
                />
              </label>
            </th>
            <th scope="col">{t("Participant")}</th>
            <th scope="col">{t("State")}</th>
            <th scope="col">{t("Code")}</th>
            {[t("Minutes"), t("Answers"), t("Gold tasks correct"), t("Agreement"), t("Pay"), t("Bonus")].map((name) => (
              <th scope="col" class="figure" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">{t("Decision")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.enrolment_id}
              row={row}
              currency={currency}
              isChosen={chosen.has(row.enrolment_id)}
              onToggle={() => toggle(row.enrolment_id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly row: Participant;
  readonly currency: string;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
}

function Row({ row, currency, isChosen, onToggle }: RowProps): JSX.Element {
  const name = row.panel_id || row.worker;
  const due = row.pays[row.decision?.verdict ?? (row.suggested || "bonus")];
  return (
    <tr>
      <td>
        <label class="pick">
          <input
            type="checkbox"
            aria-label={t("Select {name}", { name })}
            checked={isChosen}
            disabled={!row.panel_id}
            onChange={onToggle}
          />
        </label>
      </td>
      <th scope="row" class="settle-id">
        {name}
        <small>{whoText(row)}</small>
      </th>
      <td>
        <span class={`standing standing-${row.state.replace("_", "-")}`}>{stateText(row.state)}</span>
        {row.panel_status && <small>{t("At the panel: {status}", { status: row.panel_status })}</small>}
        {[row.block_reason, ...row.findings.map(findingText)].filter(Boolean).map((reason) => (
          <small key={reason}>{reason}</small>
        ))}
      </td>
      <td>
        <Code row={row} />
      </td>
      <td class="figure" title={betweenText(row)}>
        {decimal(row.minutes, 1)}
      </td>
      <td class="figure">{number(row.n_answers)}</td>
      <td class="figure">
        {row.gold_total > 0 ? t("{n} of {total}", { n: row.gold_right, total: row.gold_total }) : "–"}
      </td>
      <td class="figure" title={row.agreement ? t("of {n} answers", { n: row.agreement.n }) : ""}>
        {row.agreement ? intervalText(row.agreement) : "–"}
      </td>
      <td class="figure">{amount(row.decision?.pay ?? due, currency)}</td>
      <td class="figure">{amount(row.decision?.bonus ?? row.bonus, currency)}</td>
      <td>
        {row.decision ? (
          <>
            {verdictText(row.decision.verdict)}
            <small title={moment(row.decision.at)}>
              {[amount(row.decision.amount, currency), row.decision.by, row.decision.reason]
                .filter(Boolean)
                .join(" · ")}
            </small>
          </>
        ) : (
          <span class="quiet">{t("undecided")}</span>
        )}
      </td>
    </tr>
  );
}

/** The code given here, and a mark if the participant entered another one at the panel. */
function Code({ row: { completion_code: given, panel_code: entered } }: { row: Participant }): JSX.Element {
  return (
    <>
      {given || "–"}
      {entered && entered !== given && <small class="form-error">{t("entered: {code}", { code: entered })}</small>}
    </>
  );
}

function whoText({ worker, panel, panel_id, erased }: Participant): string {
  if (erased) return t("erased");
  return panel_id ? `${worker} · ${panel}` : t("no panel");
}

function betweenText({ minutes_between: between }: Participant): string {
  return between === null ? "" : t("{n} minutes from joining to the last answer", { n: decimal(between, 1) });
}
