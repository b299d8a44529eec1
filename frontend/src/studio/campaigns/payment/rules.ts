import type { CampaignSettings } from "../../../shared/api/types";

/** The rules of pay as in the form's inputs: shares in percent, 0 or "none" for what is not stated. */
export interface PayDraft {
  readonly partialPay: "none" | "amount" | "share" | "work";
  /** An amount, a percentage of the reward, or the least amount of pay by work. */
  readonly partialValue: number;
  readonly bonus: "none" | "gold" | "agreement";
  readonly bonusAmount: number;
  readonly bonusEvery: number;
  readonly bonusPercent: number;
  readonly bonusLeast: number;
}

export const NO_PAY: PayDraft = {
  partialPay: "none",
  partialValue: 0,
  bonus: "none",
  bonusAmount: 0,
  bonusEvery: 5,
  bonusPercent: 80,
  bonusLeast: 20,
};

export function payDraftOf({ partial_pay: partial, bonus }: CampaignSettings): PayDraft {
  const share = partial?.kind === "share";
  return {
    ...NO_PAY,
    ...(partial
      ? { partialPay: partial.kind, partialValue: share ? Math.round(partial.value * 100) : partial.value }
      : {}),
    ...(bonus
      ? {
          bonus: bonus.kind,
          bonusAmount: bonus.amount,
          bonusEvery: bonus.every ?? NO_PAY.bonusEvery,
          bonusPercent: Math.round((bonus.above ?? NO_PAY.bonusPercent / 100) * 100),
          bonusLeast: bonus.least ?? NO_PAY.bonusLeast,
        }
      : {}),
  };
}

/** The settings of the rules that are stated. */
export function payRules(draft: PayDraft): Pick<CampaignSettings, "partial_pay" | "bonus"> {
  const { partialPay: kind, partialValue, bonus, bonusAmount: amount } = draft;
  return {
    ...(kind === "none" ? {} : { partial_pay: { kind, value: kind === "share" ? partialValue / 100 : partialValue } }),
    ...(bonus === "gold" ? { bonus: { kind: bonus, amount, every: draft.bonusEvery } } : {}),
    ...(bonus === "agreement"
      ? { bonus: { kind: bonus, amount, above: draft.bonusPercent / 100, least: draft.bonusLeast } }
      : {}),
  };
}
