import type { Experiment } from "../../shared/api/types";
import { t } from "../../shared/texts";

/** Fewer visits with a preference decide nothing, whatever the interval. */
const LEAST_DECIDED = 20;

/** The outcome in a sentence. */
export function outcomeWords(outcome: Experiment["outcome"]): string {
  const { ci95, prefer_live: live, prefer_candidate: candidate } = outcome;
  if (ci95 === null || live + candidate < LEAST_DECIDED) return t("Too few visits to decide.");
  if (ci95[0] > 0) return t("Visitors prefer the candidate.");
  if (ci95[1] < 0) return t("Visitors prefer the live release.");
  return t("No significant difference so far.");
}
