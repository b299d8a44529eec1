import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Settle, SubmissionsMatched } from "../../../shared/api/types";
import { t, tn } from "../../../shared/texts";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { EraseById } from "./EraseById";

/** The lists that a panel takes, by the panel's name in its links. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  PROLIFIC: ["approve", "reject", "bonus"],
  MTURK: ["results", "bonus"],
};

interface Props {
  readonly id: number;
  readonly settle: Settle;
  readonly onChange: () => void;
}

/** The decisions as the panel takes them, the panel's own list, and erasing a participant. */
export function Lists({ id, settle, onChange }: Props): JSX.Element {
  const panels = Object.keys(LISTS).filter((panel) => settle.rows.some((row) => row.panel === panel));
  const [isErasing, setErasing] = useState(false);
  return (
    <section class="studio-section" aria-labelledby="lists-title">
      <h2 id="lists-title">{t("Lists for the panel")}</h2>
      <p class="quiet">{t("They contain what has been decided; downloading one again gives the same.")}</p>
      <div class="form-row">
        {panels.flatMap((panel) =>
          (LISTS[panel] ?? []).map((list) => (
            <a
              class="action"
              key={panel + list}
              href={`/api/v1/campaigns/${id}/settle/export?panel=${panel}&list=${list}`}
              download
            >
              {listText(panel, list)}
            </a>
          )),
        )}
        <a class="action" href={`/api/v1/campaigns/${id}/settle/export`} download>
          {t("All decisions (CSV)")}
        </a>
        <button type="button" class="action" onClick={() => setErasing(true)}>
          {t("Erase a participant")}
        </button>
      </div>
      <Submissions id={id} onChange={onChange} />
      {isErasing && (
        <EraseById
          onClose={() => setErasing(false)}
          onDone={() => {
            setErasing(false);
            onChange();
          }}
        />
      )}
    </section>
  );
}

function listText(panel: string, list: string): string {
  const name = { PROLIFIC: "Prolific", MTURK: "MTurk" }[panel] ?? panel;
  const what = {
    approve: t("{panel}: approve", { panel: name }),
    reject: t("{panel}: reject", { panel: name }),
    bonus: t("{panel}: bonuses", { panel: name }),
    results: t("{panel}: results", { panel: name }),
  };
  return what[list as keyof typeof what];
}

/** Upload the panel's list of submissions, which says who returned the study and which code each participant entered. */
function Submissions({ id, onChange }: { id: number; onChange: () => void }): JSX.Element {
  const [matched, setMatched] = useState<SubmissionsMatched | null>(null);
  const [last, setLast] = useState<File | null>(null);
  const { trouble, send } = useSend();
  const upload = (file: File) =>
    send(async () => {
      setLast(file);
      setMatched(await api<SubmissionsMatched>(`campaigns/${id}/settle/submissions/`, { csv: await file.text() }));
      onChange();
    });
  return (
    <div class="form-field settle-upload">
      <label for="submissions">{t("The panel’s own list (CSV)")}</label>
      <input
        id="submissions"
        class="field"
        type="file"
        accept=".csv,text/csv"
        aria-describedby="submissions-hint"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) void upload(file);
          currentTarget.value = "";
        }}
      />
      <small id="submissions-hint">
        {t("Prolific’s submissions or MTurk’s results: shows who returned the study and which code each entered.")}
      </small>
      {matched && (
        <output>
          {tn("1 of {total} rows names a participant.", "{n} of {total} rows name a participant.", matched.n_matched, {
            total: matched.n_rows,
          })}{" "}
          {matched.unknown.length > 0 && t("Never joined: {ids}", { ids: matched.unknown.join(", ") })}
        </output>
      )}
      {trouble && (
        <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => last && void upload(last)} />
      )}
    </div>
  );
}
