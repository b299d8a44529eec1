import type { JSX } from "preact";
import { StudyInfo, type StudyTexts } from "../../shared/controls/StudyInfo";
import { t } from "../../shared/texts";

/** Consent text, contact and privacy notice, to be read again at any time. Nothing for a study without its own. */
export function AboutStudy({ consent }: { consent: StudyTexts | null }): JSX.Element | null {
  if (!consent) return null;
  return (
    <details class="about-study">
      <summary>{t("About this study: contact and privacy")}</summary>
      <StudyInfo texts={consent} />
    </details>
  );
}
