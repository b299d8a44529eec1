import type { Standing, WorkCampaign } from "../../shared/api/types";
import { agreementText } from "../../shared/bonus";
import { t, tn } from "../../shared/texts";

type Terms = WorkCampaign["terms"];

/** Whether the campaign states terms, to be shown before anyone starts. */
export function paysForWork({ required_answers, reward, partial_pay, bonus }: Terms): boolean {
  return required_answers > 0 || reward !== null || partial_pay !== null || bonus !== null;
}

/** Whether ending early means something: it is paid, or leads back to a panel. */
export function canEndHere(terms: Terms, standing: Standing): boolean {
  return paysForWork(terms) || terms.leads_back || standing.ended.completion_url !== "";
}

/** "2.50 EUR" in the page's language. */
export function money(amount: number, currency: string): string {
  const lang = document.documentElement.lang || "en";
  try {
    return new Intl.NumberFormat(lang, { style: "currency", currency }).format(amount);
  } catch {
    return `${new Intl.NumberFormat(lang, { minimumFractionDigits: 2 }).format(amount)} ${currency}`.trim();
  }
}

/** What ending early pays. */
export function payText({ partial_pay: rule, reward, currency }: Terms): string {
  if (!rule) return t("Ending early is not paid.");
  if (rule.kind === "work") {
    const shown = money(rule.value, currency);
    return t("Ending early pays in proportion to your answers, at least {amount}, after at least one answer.", {
      amount: shown,
    });
  }
  const amount = rule.kind === "amount" ? rule.value : rule.value * (reward ?? 0);
  return t("Ending early pays {amount}, after at least one answer.", { amount: money(amount, currency) });
}

/** What is paid on top of finishing; empty without a rule. */
export function bonusText({ bonus, currency }: Terms): string {
  if (!bonus) return "";
  const amount = money(bonus.amount, currency);
  if (bonus.kind === "gold")
    return tn(
      "Bonus: {amount} for each control task answered correctly.",
      "Bonus: {amount} for every {n} control tasks answered correctly.",
      bonus.every ?? 1,
      { amount },
    );
  return agreementText(bonus, amount);
}
