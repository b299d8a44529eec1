import type { JSX } from "preact";
import type { Experiment } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";
import { decimal } from "../kit/figures";
import { outcomeWords } from "./outcome";

/** Which release visitors prefer: a figure with its interval on a line from "live" to "candidate", and in words. */
export function ExperimentOutcome({ outcome }: { outcome: Experiment["outcome"] }): JSX.Element {
  const { advantage, ci95, n_visits: visits, prefer_live: live, prefer_candidate: candidate } = outcome;
  if (advantage === null || ci95 === null) {
    return (
      <p class="quiet">
        {visits === 0
          ? t("No visit has taken part yet.")
          : tn("1 visit took part and opened nothing.", "{n} visits took part and opened nothing.", visits)}
      </p>
    );
  }
  const x = (share: number) => 160 + 300 * share;
  return (
    <>
      <p>
        <strong>{outcomeWords(outcome)}</strong>
      </p>
      <svg class="preference" viewBox="0 0 320 40" aria-hidden="true">
        <path class="preference-axis" d="M10 20h300M160 10v20" />
        <path class="preference-span" d={`M${x(ci95[0])} 20H${x(ci95[1])}M${x(ci95[0])} 14v12M${x(ci95[1])} 14v12`} />
        <circle cx={x(advantage)} cy="20" r="5" />
      </svg>
      <p class="preference-ends quiet" aria-hidden="true">
        <span>{t("Live")}</span> <span>{t("Candidate")}</span>
      </p>
      <p class="quiet">
        {t(
          "{candidate} visits opened more of the candidate's products, {live} more of the live release's, {tied} as many.",
          {
            candidate: number(candidate),
            live: number(live),
            tied: number(outcome.prefer_neither),
          },
        )}{" "}
        {t("Advantage {value} points, 95 % interval {low} to {high}; sign test p = {p}.", {
          value: points(advantage),
          low: points(ci95[0]),
          high: points(ci95[1]),
          p: decimal(outcome.p_value, 3),
        })}{" "}
        {tn("1 visit took part.", "{n} visits took part.", visits)}
      </p>
    </>
  );
}

function points(share: number): string {
  return `${share > 0 ? "+" : share < 0 ? "−" : ""}${decimal(Math.abs(share) * 100, 1)}`;
}
