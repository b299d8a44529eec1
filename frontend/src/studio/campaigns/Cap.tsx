import type { JSX } from "preact";
import type { Progress } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { money } from "./figures";

/** What has been spent of the cap, if there is one, and that it stops the campaign. */
export function Cap({ progress: p }: { progress: Progress }): JSX.Element | null {
  if (p.spending_cap === null) return null;
  const currency = p.currency || "EUR";
  const sums = {
    spent: money(p.spent, currency),
    promised: money(p.promised, currency),
    cap: money(p.spending_cap, currency),
  };
  const text = t("Spent {spent} of at most {cap}; {promised} more is promised to those at work.", sums);
  if (!p.cap_reached) return <p class="quiet">{text}</p>;
  return (
    <p class="notice notice-problem" role="status">
      <strong>{t("The spending cap is reached: no more tasks are handed out.")}</strong> {text}{" "}
      {t("Raise the cap in the settings to continue.")}
    </p>
  );
}
