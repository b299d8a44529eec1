import type { JSX } from "preact";
import type { WordsName } from "../../shared/api/types";
import { t, tn } from "../../shared/texts";

/** The names that no product answers: people may draw them, but find nothing. */
export function Unanswered({ names }: { names: readonly WordsName[] }): JSX.Element {
  const missing = names.filter((name) => name.n_fitting === 0);
  return (
    <section class="studio-section" aria-labelledby="words-unanswered">
      <h2 id="words-unanswered">{t("Names that nothing in the catalogue fits")}</h2>
      {missing.length === 0 ? (
        <p class="quiet none">{t("Every name has a product.")}</p>
      ) : (
        <details class="words-unanswered">
          <summary>
            {tn("1 of {total} names has no product", "{n} of {total} names have no product", missing.length, {
              total: names.length,
            })}
          </summary>
          <p class="quiet">
            {t(
              "If you sell one of these, add the name to its category above. A sketch of any other is searched by its shape alone.",
            )}
          </p>
          <ul class="words-missing">
            {missing.map((name) => (
              <li key={name.name}>{name.label}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
