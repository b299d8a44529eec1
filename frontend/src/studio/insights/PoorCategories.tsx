import type { JSX } from "preact";
import type { InsightsCategory } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";
import { percent } from "../kit/figures";
import { Bar } from "./Bar";

/** Of the searches that a category answers first: how many led to an opened product. */
export function PoorCategories({ rows }: { rows: readonly InsightsCategory[] }): JSX.Element {
  if (rows.length === 0) return <p class="quiet none">{t("No category has answered enough searches yet.")}</p>;
  const most = Math.max(...rows.map(({ searches }) => searches));
  return (
    <ul class="poor">
      {rows.map(({ slug, label, searches, with_click: clicked, poor }) => (
        <li key={slug}>
          <a href={`/browse/?category=${encodeURIComponent(slug)}`}>{label}</a>
          <Bar value={clicked} total={searches} most={most} />
          <span class="quiet">
            {tn("{share} of 1 search opened", "{share} of {n} searches opened", searches, {
              share: percent(clicked / searches),
            })}
            {poor > 0 && ` · ${t("{n} without a good match", { n: number(poor) })}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
