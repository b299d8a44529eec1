import type { Finding, Interval } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { percent, seconds } from "../../kit/figures";

/** "84% (71–92%)". */
export function intervalText({ share, low, high }: Interval): string {
  return t("{share} ({low} to {high})", { share: percent(share), low: percent(low), high: percent(high) });
}

/** What a worker's figures are past, in words. */
export function findingText({ rule, value, limit }: Finding): string {
  const shares = { value: percent(value), limit: percent(limit) };
  return {
    gold: () => t("gold tasks correct: at most {value}, required {limit}", shares),
    agreement: () => t("agreement with others: at most {value}, required {limit}", shares),
    speed: () => t("median time {value}, at least {limit} expected", { value: seconds(value), limit: seconds(limit) }),
    left: () => t("prefers one side by at least {value}, limit {limit}", shares),
  }[rule]();
}
