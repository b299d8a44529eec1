import type { JSX } from "preact";
import type { RecognisedName } from "../../shared/api/types";
import { t } from "../../shared/texts";
import type { Finder } from "../live/finder";
import { isLost } from "../live/trouble";

interface Props {
  readonly finder: Finder;
  readonly hasInk: boolean;
}

/** What the drawing shows, as chips that narrow the results to a name. The row keeps its height while names change. */
export function Recognised({ finder, hasInk }: Props): JSX.Element | null {
  if (finder.aside || !finder.recognises) return null;
  const { name: chosen, byShape } = finder.filters;
  const sure = finder.recognised?.sure ?? true;
  const names = withChosen(finder.recognised?.names ?? [], chosen);
  if (!hasInk || (names.length === 0 && !byShape)) return <p class="chips quiet">{hint(finder, hasInk)}</p>;
  return (
    <div
      class={isLost(finder.trouble) ? "chips chips-stale" : "chips"}
      role="group"
      aria-label={sure ? t("Recognised") : t("Not sure what this is")}
    >
      <div class="chip-names">
        {!sure && <span class="quiet">{t("Not sure:")}</span>}
        {names.map((name) => {
          const isChosen = name.name === chosen?.name;
          if (name.n_products === 0 && !isChosen) return <Unsold key={name.name} label={name.label} />;
          return (
            <button
              key={name.name}
              type="button"
              class={sure || isChosen ? "chip" : "chip chip-guess"}
              aria-pressed={isChosen}
              onClick={() => finder.narrow({ name: isChosen ? null : name, byShape: false })}
            >
              {sure || isChosen ? name.label : `${name.label}?`}
            </button>
          );
        })}
      </div>
      <button
        type="button"
        class="chip"
        aria-pressed={byShape}
        title={t("Rank by shape alone")}
        onClick={() => finder.narrow({ name: null, byShape: !byShape })}
      >
        {t("None of these")}
      </button>
    </div>
  );
}

function Unsold({ label }: { label: string }): JSX.Element {
  return (
    <span class="chip chip-unsold" title={t("{name}: not sold here", { name: label })}>
      <s>{label}</s>
      <span class="visually-hidden">{t("not sold here")}</span>
    </span>
  );
}

/** A chosen name stays, so that it can be released, also when the drawing no longer looks like it. */
function withChosen(
  names: readonly RecognisedName[],
  chosen: Pick<RecognisedName, "name" | "label"> | null,
): readonly Pick<RecognisedName, "name" | "label" | "n_products">[] {
  if (!chosen || names.some(({ name }) => name === chosen.name)) return names;
  return [{ ...chosen, n_products: 1 }, ...names];
}

function hint(finder: Finder, hasInk: boolean): string {
  if (!hasInk) return t("What you draw is named here.");
  if (isLost(finder.trouble)) return t("Names appear once the server answers again.");
  return finder.body ? t("Not recognised yet; more lines may help.") : t("Recognising…");
}
