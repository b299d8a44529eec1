import type { JSX } from "preact";
import type { InsightsName } from "../../shared/api/types";
import { t, tn } from "../../shared/texts";
import { sketchPath } from "../releases/sketchPath";
import { Bar } from "./Bar";

/** The names that visitors draw without a good match, each with a sheet of their sketches. */
export function Unfound({ names }: { names: readonly InsightsName[] }): JSX.Element {
  if (names.length === 0) return <p class="quiet none">{t("Whatever was recognised, had a good match.")}</p>;
  const most = Math.max(...names.map(({ searches }) => searches));
  return (
    <ul class="unfound">
      {names.map((row) => (
        <li key={row.name} class="unfound-card">
          <h3>{row.label}</h3>
          <Bar value={row.poor} total={row.searches} most={most} />
          <p class="quiet">
            {tn(
              "{poor} of 1 search without a good match",
              "{poor} of {n} searches without a good match",
              row.searches,
              {
                poor: row.poor,
              },
            )}
            {" · "}
            {row.n_products === 0
              ? t("nothing on sale")
              : tn("1 product on sale", "{n} products on sale", row.n_products)}
          </p>
          {row.sketches.length > 0 && (
            <div class="unfound-sheet" role="img" aria-label={t("Sketches of “{name}”", { name: row.label })}>
              {row.sketches.map((sketch, i) => (
                <svg key={i} viewBox={`0 0 ${sketch.width} ${sketch.height}`} aria-hidden="true">
                  <path d={sketchPath(sketch)} />
                </svg>
              ))}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
