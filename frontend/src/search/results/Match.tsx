import type { JSX } from "preact";
import type { MatchWord } from "../../shared/api/types";
import { t } from "../../shared/texts";

const STEPS: Readonly<Record<MatchWord, number>> = { strong: 3, fair: 2, weak: 1 };

export function matchText(match: MatchWord): string {
  return { strong: t("strong match"), fair: t("fair match"), weak: t("weak match") }[match];
}

/** How close a product is, as a word and one to three strokes. */
export function Match({ match }: { match: MatchWord }): JSX.Element {
  return (
    <span class={`match match-${match}`}>
      <svg class="match-bar" viewBox="0 0 36 6" aria-hidden="true">
        {[0, 1, 2].map((step) => (
          <path key={step} class={step < STEPS[match] ? "on" : ""} d={`M${step * 13 + 2} 3.400q4-1.200 8-.4`} />
        ))}
      </svg>
      {matchText(match)}
    </span>
  );
}
