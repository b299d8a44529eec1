import type { JSX } from "preact";
import { t } from "../../shared/texts";
import { when } from "../kit/figures";

/** When workers' figures were computed, where votes may have come since: in large campaigns. */
export function FiguresAt({ at }: { readonly at: string | null }): JSX.Element | null {
  if (at === null) return null;
  return (
    <p class="quiet">
      {t("Workers’ figures were computed {when}; they follow new votes every ten minutes.", { when: when(at) })}
    </p>
  );
}
