import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Participant, Settle, Verdict } from "../../../shared/api/types";
import { number, t } from "../../../shared/texts";
import { useLoad } from "../../kit/hooks/load";
import { Await } from "../../kit/States";
import { Decide } from "./Decide";
import { Lists } from "./Lists";
import { Participants } from "./Participants";
import { capText } from "../Cap";
import { actionText, amount, stateText, termsText } from "./words";

type Filter = "all" | "undecided" | Participant["state"];
const ACTIONS = ["approve", "bonus", "reject", ""] as const;

/** Who took part, what each earns by the rules, and what is decided; then the lists for the panel. */
export function SettlePage({ id }: { id: number }): JSX.Element {
  const [state, again] = useLoad(() => api<Settle>(`campaigns/${id}/settle/`));
  return (
    <Await state={state} onAgain={again} rows={8}>
      {(settle) => <Page id={id} settle={settle} onChange={again} />}
    </Await>
  );
}

interface Props {
  readonly id: number;
  readonly settle: Settle;
  readonly onChange: () => void;
}

function Page({ id, settle, onChange }: Props): JSX.Element {
  const { rows } = settle;
  const [filter, setFilter] = useState<Filter>("all");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [asking, setAsking] = useState<Verdict | "" | null>(null);
  const shown = rows.filter((row) => isShown(row, filter));
  const picked = shown.filter(({ enrolment_id }) => chosen.has(enrolment_id));
  const suggested = (verdict: Verdict) => rows.filter((row) => row.suggested === verdict && !row.decision);
  return (
    <>
      <nav class="crumbs" aria-label={t("Campaigns")}>
        <a href="/studio/campaigns/">{t("Campaigns")}</a> <span aria-hidden="true">/</span>
        <a href={`/studio/campaigns/${id}/`}>{settle.title}</a>
      </nav>
      <div class="page-head studio-head">
        <h1>{t("Settle the panel")}</h1>
      </div>
      <p class="quiet settle-terms">
        {termsText(settle).join(" ")} <a href={`/studio/campaigns/${id}/edit/`}>{t("Settings")}</a>
      </p>
      <Totals settle={settle} />
      <section class="studio-section" aria-labelledby="participants-title">
        <h2 id="participants-title">{t("Participants")}</h2>
        {rows.length === 0 ? (
          <p class="notice">{t("Nobody has taken part yet.")}</p>
        ) : (
          <>
            <Filters rows={rows} filter={filter} onChange={setFilter} />
            <div class="form-row" role="group" aria-label={t("Decide")}>
              {(["approve", "bonus"] as const).map((verdict) => (
                <button
                  type="button"
                  class="action"
                  key={verdict}
                  disabled={suggested(verdict).length === 0}
                  onClick={() => {
                    setFilter("all");
                    setChosen(new Set(suggested(verdict).map(({ enrolment_id }) => enrolment_id)));
                  }}
                >
                  {verdict === "approve"
                    ? t("Select who finished ({n})", { n: number(suggested(verdict).length) })
                    : t("Select who ended early ({n})", { n: number(suggested(verdict).length) })}
                </button>
              ))}
              {ACTIONS.map((verdict) => (
                <button
                  type="button"
                  class={verdict === "approve" ? "action action-main" : "action"}
                  key={verdict}
                  disabled={picked.length === 0}
                  onClick={() => setAsking(verdict)}
                >
                  {actionText(verdict)}
                </button>
              ))}
              <span class="quiet" role="status">
                {t("{n} selected", { n: number(picked.length) })}
              </span>
            </div>
            <Participants rows={shown} currency={settle.currency} chosen={chosen} onChoose={setChosen} />
          </>
        )}
      </section>
      <Lists id={id} settle={settle} onChange={onChange} />
      {asking !== null && (
        <Decide
          id={id}
          verdict={asking}
          rows={picked}
          currency={settle.currency}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            setChosen(new Set());
            onChange();
          }}
        />
      )}
    </>
  );
}

function isShown(row: Participant, filter: Filter): boolean {
  return filter === "all" || (filter === "undecided" ? !row.decision : row.state === filter);
}

interface FiltersProps {
  readonly rows: readonly Participant[];
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

function Filters({ rows, filter, onChange }: FiltersProps): JSX.Element {
  const states = [
    "finished",
    "ended_early",
    "returned",
    "screened_out",
    "failed_checks",
    "blocked",
    "working",
  ] as const;
  const count = (name: Filter) => rows.filter((row) => isShown(row, name)).length;
  const names: readonly Filter[] = ["all", "undecided", ...states.filter((state) => count(state) > 0)];
  return (
    <div class="chips" role="group" aria-label={t("State")}>
      {names.map((name) => (
        <button type="button" class="chip" key={name} aria-pressed={filter === name} onClick={() => onChange(name)}>
          {name === "all" ? t("All") : name === "undecided" ? t("undecided") : stateText(name)}{" "}
          <span>{number(count(name))}</span>
        </button>
      ))}
    </div>
  );
}

function Totals({ settle }: { settle: Settle }): JSX.Element {
  const { totals, currency } = settle;
  const figures: readonly (readonly [string, string])[] = [
    [t("Participants"), number(totals.n_participants)],
    [t("Undecided"), number(totals.n_undecided)],
    [t("Approved"), number(totals.n_approved)],
    [t("Paid by bonus only"), number(totals.n_bonus_only)],
    [t("Rejected"), number(totals.n_rejected)],
    [t("Pay"), amount(totals.pay, currency)],
    [t("Bonuses"), amount(totals.bonus, currency)],
    [t("Total"), amount(totals.amount, currency)],
    [t("Per hour of work"), amount(totals.per_hour, currency)],
  ];
  return (
    <section class="live" aria-label={t("Totals")}>
      <dl class="live-figures settle-totals">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {settle.spending_cap !== null && <p class="quiet">{capText({ ...settle, spending_cap: settle.spending_cap })}</p>}
    </section>
  );
}
