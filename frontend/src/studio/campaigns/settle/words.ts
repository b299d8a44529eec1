import type { Participant, Settle, Verdict } from "../../../shared/api/types";
import { agreementText } from "../../../shared/bonus";
import { t, tn } from "../../../shared/texts";
import { money } from "../figures";

export function stateText(state: Participant["state"]): string {
  return {
    finished: t("finished"),
    screened_out: t("screened out"),
    ended_early: t("ended early"),
    returned: t("returned"),
    failed_checks: t("failed the checks"),
    blocked: t("blocked"),
    working: t("working"),
  }[state];
}

export function verdictText(verdict: Verdict): string {
  return { approve: t("approved"), bonus: t("paid by bonus only"), reject: t("rejected") }[verdict];
}

/** A button's label. */
export function actionText(verdict: Verdict | ""): string {
  return {
    approve: t("Approve"),
    bonus: t("Pay by bonus only"),
    reject: t("Reject"),
    "": t("Withdraw decision"),
  }[verdict];
}

/** An amount from the API, which sends them as text. */
export function amount(text: string | number | null, currency: string): string {
  return money(text === null ? null : Number(text), currency || "EUR");
}

/** What the campaign pays, one sentence per rule. */
export function termsText({ reward, partial_pay: partial, bonus_rule: bonus, currency }: Settle): string[] {
  const found = [
    reward === null
      ? t("No pay for finishing is stated.")
      : t("Finishing pays {amount}.", { amount: amount(reward, currency) }),
  ];
  if (!partial) found.push(t("Ending early is not paid."));
  else if (partial.kind === "work")
    found.push(
      t("Ending early pays in proportion to the answers given, at least {amount}.", {
        amount: amount(partial.value, currency),
      }),
    );
  else {
    const pays = partial.kind === "amount" ? partial.value : partial.value * (reward ?? 0);
    found.push(t("Ending early pays {amount}.", { amount: amount(pays, currency) }));
  }
  return [...found, bonusText(bonus, currency)];
}

/** The bonus rule in words. */
export function bonusText(rule: Settle["bonus_rule"], currency: string): string {
  if (!rule) return t("There is no bonus rule.");
  const pays = amount(rule.amount, currency);
  if (rule.kind === "gold")
    return tn(
      "Bonus: {amount} for each gold task answered correctly.",
      "Bonus: {amount} for every {n} gold tasks answered correctly.",
      rule.every ?? 1,
      { amount: pays },
    );
  return agreementText(rule, pays);
}
