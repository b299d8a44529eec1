import type { JSX } from "preact";
import { t, tn } from "../../shared/texts";
import type { Recording } from "./consent";
import type { ClickRecorder } from "./recorder";

/** The question whether clicks may be recorded, below the results, until it is answered. */
export function ConsentNotice({ recorder }: { recorder: ClickRecorder }): JSX.Element | null {
  if (!recorder.asks) return null;
  return (
    <section class="notice consent" aria-label={t("May this site learn from your search?")}>
      <p>
        <strong>{t("May this site learn from your search?")}</strong>{" "}
        {t("It would record which results you open, without your address or name.")} {kept(recorder.recording.days)}{" "}
        {learning(recorder.recording)}
      </p>
      <div class="consent-choices">
        <button type="button" class="action" onClick={() => recorder.decide({ clicks: true, sketches: true })}>
          {t("Yes, with my drawings")}
        </button>
        <button type="button" class="action" onClick={() => recorder.decide({ clicks: true, sketches: false })}>
          {t("Only what I open")}
        </button>
        <button type="button" class="action" onClick={() => recorder.decide({ clicks: false, sketches: false })}>
          {t("No")}
        </button>
      </div>
    </section>
  );
}

/** How long it is kept. */
export function kept(days: number): string {
  return days > 0 ? tn("It is deleted after a day.", "It is deleted after {n} days.", days) : "";
}

/** What deletion does not reach. */
export function learning({ learns }: Recording): string {
  return learns ? t("Drawings that the search has learned from stay in its training data, without your visit.") : "";
}
