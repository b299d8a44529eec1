import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, put } from "../../shared/api/client";
import type { ConsentVersion } from "../../shared/api/types";
import { StudyInfo } from "../../shared/controls/StudyInfo";
import { t, tn } from "../../shared/texts";
import { when } from "../kit/figures";
import { TextArea } from "../kit/fields";
import { useLoad } from "../kit/hooks/load";
import { useSend } from "../kit/hooks/send";
import { Await, Trouble } from "../kit/States";

const NAMES = ["text", "contact", "privacy"] as const;
type Texts = Record<(typeof NAMES)[number], string>;
const EMPTY: Texts = { text: "", contact: "", privacy: "" };

/** The study's own consent text, contact and privacy notice. Saving a change makes a new version. */
export function Consent({ id }: { id: number }): JSX.Element {
  const [state, again] = useLoad(() => api<readonly ConsentVersion[]>(`campaigns/${id}/consent/`));
  return (
    <details class="studio-section tasks consent-editor">
      <summary>
        <h2>{t("Consent, contact and privacy")}</h2>
      </summary>
      <Await state={state} onAgain={again}>
        {(versions) => <Editor key={versions[0]?.number ?? 0} id={id} versions={versions} onSaved={again} />}
      </Await>
    </details>
  );
}

interface EditorProps {
  readonly id: number;
  readonly versions: readonly ConsentVersion[];
  readonly onSaved: () => void;
}

function Editor({ id, versions, onSaved }: EditorProps): JSX.Element {
  const last = versions[0];
  const [texts, setTexts] = useState<Texts>({ ...EMPTY, ...(last && picked(last)) });
  const [german, setGerman] = useState<Texts>({
    ...EMPTY,
    ...(last?.translations?.de && picked(last.translations.de)),
  });
  const { isBusy, trouble, send } = useSend();
  const save = () =>
    send(async () => {
      const { de: _, ...others } = last?.translations ?? {};
      const hasGerman = NAMES.some((name) => german[name].trim());
      const translations = hasGerman ? { ...others, de: german } : others;
      await put(`campaigns/${id}/consent/`, { ...texts, translations });
      onSaved();
    });
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p class="quiet">
        {t(
          "Shown before workers join, and stored with each participation by version. After a change, everybody is asked again.",
        )}{" "}
        {t("Plain text: a blank line begins a new paragraph; Markdown and HTML are shown as they are written.")}
      </p>
      <Fields texts={texts} isRequired onChange={setTexts} />
      <Preview texts={texts} />
      <details class="form-more" open={NAMES.some((name) => german[name] !== "")}>
        <summary>{t("German version")}</summary>
        <p class="quiet">{t("If empty, German readers see the text above.")}</p>
        <Fields texts={german} suffix=" (Deutsch)" onChange={setGerman} />
        <Preview texts={german} />
      </details>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void save()} />}
      <p class="form-row">
        <button class="action action-main" aria-disabled={isBusy}>
          {isBusy ? t("Saving…") : last ? t("Save as a new version") : t("Save")}
        </button>
      </p>
      {versions.length > 0 && (
        <ul class="quiet" aria-label={t("Versions")}>
          {versions.map(({ number, created_at, n_enrolments }) => (
            <li key={number}>
              {t("Version {number}, {time}", { number, time: when(created_at) })}:{" "}
              {tn("1 participant", "{n} participants", n_enrolments)}
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

interface FieldsProps {
  readonly texts: Texts;
  readonly suffix?: string;
  readonly isRequired?: boolean;
  readonly onChange: (texts: Texts) => void;
}

function Fields({ texts, suffix = "", isRequired = false, onChange }: FieldsProps): JSX.Element {
  const labels = { text: t("Consent text"), contact: t("Contact"), privacy: t("Privacy notice") };
  return (
    <>
      {NAMES.map((name) => (
        <TextArea
          key={name}
          label={labels[name] + suffix}
          value={texts[name]}
          rows={name === "contact" ? 2 : 5}
          required={isRequired && name === "text"}
          onInput={(value) => onChange({ ...texts, [name]: value })}
        />
      ))}
    </>
  );
}

/** What participants read before they join, with the changes that are not saved yet. */
function Preview({ texts }: { texts: Texts }): JSX.Element | null {
  if (!texts.text.trim()) return null;
  return (
    <details class="form-more consent-preview">
      <summary>{t("As participants see it")}</summary>
      <StudyInfo texts={texts} />
    </details>
  );
}

function picked(from: Partial<Texts>): Texts {
  return { text: from.text ?? "", contact: from.contact ?? "", privacy: from.privacy ?? "" };
}
