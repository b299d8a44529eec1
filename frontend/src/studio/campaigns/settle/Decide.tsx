import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Participant, Verdict } from "../../../shared/api/types";
import { Dialog } from "../../../shared/controls/Dialog";
import { t, tn } from "../../../shared/texts";
import { NumberField, OptionalNumberField, SelectField, TextField } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { actionText, amount } from "./words";

interface Props {
  readonly id: number;
  /** Empty: withdraw decisions. */
  readonly verdict: Verdict | "";
  readonly rows: readonly Participant[];
  readonly currency: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Confirm a decision about the selected participants, with what it costs. */
export function Decide({ id, verdict, rows, currency, onClose, onDone }: Props): JSX.Element {
  const [reason, setReason] = useState("");
  const [byRule, setByRule] = useState(true);
  const [own, setOwn] = useState(0);
  const [total, setTotal] = useState<number | null>(null);
  const { isBusy, trouble, send } = useSend();
  const idle = rows.filter(({ n_answers }) => n_answers === 0);
  const pays = verdict === "approve" || verdict === "bonus";
  const isOver = trouble !== null && trouble !== "offline" && trouble.field === "confirmed_total";
  const act = () =>
    send(async () => {
      const enrolments = rows.map(({ enrolment_id }) => enrolment_id);
      const bonus = pays && !byRule ? own.toFixed(2) : null;
      const confirmed = isOver && total !== null ? { confirmed_total: total.toFixed(2) } : {};
      await api(`campaigns/${id}/settle/`, { enrolments, verdict, bonus, reason: reason.trim(), ...confirmed });
      onDone();
    });
  return (
    <Dialog title={actionText(verdict)} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        <p>{tn("1 participant: {who}", "{n} participants: {who}", rows.length, { who: names(rows) })}</p>
        {pays && idle.length > 0 && (
          <div class="notice notice-problem settle-idle">
            <p>
              {tn(
                "1 of them has not answered a single task: {who}",
                "{n} of them have not answered a single task: {who}",
                idle.length,
                { who: names(idle, MANY) },
              )}
            </p>
            <label class="pick">
              <input type="checkbox" required />
              {t("Pay them all the same")}
            </label>
          </div>
        )}
        {pays && (
          <>
            <p>
              {t("Pay {pay}, bonuses {bonus}.", {
                pay: amount(
                  sum(rows, ({ pays: by }) => by[verdict]),
                  currency,
                ),
                bonus: amount(byRule ? sum(rows, ({ bonus }) => bonus) : own * rows.length, currency),
              })}
            </p>
            <SelectField
              label={t("Bonus")}
              value={byRule ? "rule" : "own"}
              options={[
                ["rule", t("By the campaign’s rule")],
                ["own", t("An amount for each")],
              ]}
              onChange={(value) => setByRule(value === "rule")}
            />
            {!byRule && <NumberField label={t("Amount")} value={own} step={0.01} onInput={setOwn} />}
          </>
        )}
        <TextField
          label={t("Reason")}
          hint={
            verdict === "reject"
              ? t("The participant reads it at the panel. Prolific asks for at least 100 characters.")
              : t("For the audit log and the lists.")
          }
          required={verdict === "reject"}
          max={300}
          value={reason}
          onInput={setReason}
        />
        {isOver && (
          <>
            <p class="notice notice-problem" role="alert">
              {trouble.errors?.[0]?.message ?? trouble.detail}
            </p>
            <OptionalNumberField
              label={t("Total to confirm")}
              hint={t("Enter the total above to pay it although it exceeds the spending cap.")}
              value={total}
              step={0.01}
              onInput={setTotal}
            />
          </>
        )}
        {trouble && !isOver && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void act()} />}
        <button class="action action-main" aria-disabled={isBusy}>
          {actionText(verdict)}
        </button>
      </form>
    </Dialog>
  );
}

const NAMED = 5;
const MANY = 20;

function names(rows: readonly Participant[], most = NAMED): string {
  const first = rows.slice(0, most).map(({ panel_id, worker }) => panel_id || worker);
  return [...first, ...(rows.length > most ? ["…"] : [])].join(", ");
}

function sum(rows: readonly Participant[], of: (row: Participant) => string): number {
  return rows.reduce((total, row) => total + Number(of(row)), 0);
}
