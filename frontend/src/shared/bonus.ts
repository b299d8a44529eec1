import { t } from "./texts";

interface AgreementRule {
  readonly above?: number | undefined;
  readonly least?: number | undefined;
}

/** A bonus for agreement, in the same words for participants before they start and for operators who settle. */
export function agreementText({ above = 0, least = 1 }: AgreementRule, amount: string): string {
  return t(
    "Bonus: {amount} if {n} or more answers can be compared with a majority of the others and at least {share} of these agree with it.",
    {
      amount,
      n: least,
      share: above.toLocaleString(document.documentElement.lang || "en", { style: "percent" }),
    },
  );
}
