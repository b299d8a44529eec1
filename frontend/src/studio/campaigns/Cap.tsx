import type { JSX } from "preact";
import type { Progress } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { money } from "./figures";

/** What has been spent of the cap, if there is one, and that it stops the campaign. */
export function Cap({ progress: p }: { progress: Progress }): JSX.Element | null {
  if (p.spending_cap === null) return null;
  const text = capText({ ...p, spending_cap: p.spending_cap });
  if (!p.cap_reached) return <p class="quiet">{text}</p>;
  return (
    <p class="notice notice-problem" role="status">
      <strong>{t("The spending cap is reached: no more tasks are handed out.")}</strong> {text}{" "}
      {t("Raise the cap in the settings to continue.")}
    </p>
  );
}

interface Spending {
  readonly spending_cap: number;
  readonly spent: number | null;
  readonly promised: number | null;
  readonly currency: string;
}

/** What is spent and promised, bonuses included, of the cap. */
export function capText({ spending_cap: cap, spent, promised, currency }: Spending): string {
  const unit = currency || "EUR";
  return t("Spent {spent} of at most {cap}; {promised} more is promised to those at work and as possible bonuses.", {
    spent: money(spent, unit),
    promised: money(promised, unit),
    cap: money(cap, unit),
  });
}
