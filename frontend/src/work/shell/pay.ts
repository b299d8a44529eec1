import type { Standing, WorkCampaign } from "../../shared/api/types";
import { t } from "../../shared/texts";

type Terms = WorkCampaign["terms"];

/** Whether the campaign states terms, to be shown before anyone starts. */
export function paysForWork({ required_answers, reward, partial_pay }: Terms): boolean {
  return required_answers > 0 || reward !== null || partial_pay !== null;
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
  const amount = rule.kind === "amount" ? rule.value : rule.value * (reward ?? 0);
  return t("Ending early pays {amount}, after at least one answer.", { amount: money(amount, currency) });
}
