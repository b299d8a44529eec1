import type { JSX } from "preact";
import { t } from "../texts";

export interface StudyTexts {
  readonly text: string;
  readonly contact: string;
  readonly privacy: string;
  /** Number of the version; a preview has none yet. */
  readonly version?: number;
}

/** A study's own consent text, contact and privacy notice, as participants see them. */
export function StudyInfo({ texts }: { texts: StudyTexts }): JSX.Element {
  return (
    <section class="consent-text" aria-label={t("Information about this study")}>
      <h2>{t("Information about this study")}</h2>
      <Paragraphs text={texts.text} />
      {texts.contact && (
        <>
          <h3>{t("Contact")}</h3>
          <Paragraphs text={texts.contact} />
        </>
      )}
      {texts.privacy && (
        <>
          <h3>{t("Privacy")}</h3>
          <Paragraphs text={texts.privacy} />
        </>
      )}
      {texts.version !== undefined && <p class="quiet">{t("Version {number}", { number: texts.version })}</p>}
    </section>
  );
}

/** An operator's text; blank lines separate paragraphs. */
export function Paragraphs({ text }: { text: string }): JSX.Element {
  const parts = text.split(/\n\s*\n/).map((part) => part.trim());
  return <div class="instructions">{parts.map((part, place) => part && <p key={place}>{part}</p>)}</div>;
}
