import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { NameFit, WordsCategory, WordsName, WordsProduct } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { percent } from "../kit/figures";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { NameDialog } from "./NameDialog";
import { originText } from "./origin";
import type { Subject } from "./subject";

type Row = WordsCategory | WordsProduct;

interface Props {
  readonly of: Subject;
  readonly row: Row;
  readonly names: readonly WordsName[];
  readonly onRow: (row: Row) => void;
}

/** The names that a category or a product answers, as chips with their weight; each opens a dialog to change it. */
export function Chips({ of, row, names, onRow }: Props): JSX.Element {
  const [edited, setEdited] = useState<NameFit | "new" | null>(null);
  const { trouble, send } = useSend();
  const reset = () => send(async () => onRow(await api<Row>(`${of.path}reset/`, {})));
  return (
    <div class="words-names">
      <div class="chips">
        {row.names.length === 0 && <span class="quiet words-none">{t("Not recognised as anything")}</span>}
        {row.names.map((fit) => (
          <Chip key={fit.name} fit={fit} onEdit={() => setEdited(fit)} />
        ))}
        <button
          type="button"
          class="link"
          aria-label={t("Add a name to {title}", { title: of.title })}
          onClick={() => setEdited("new")}
        >
          {t("Add a name")}
        </button>
        {row.is_corrected && (
          <button
            type="button"
            class="link"
            aria-label={t("Reset {title} to computed", { title: of.title })}
            onClick={() => void reset()}
          >
            {t("Reset to computed")}
          </button>
        )}
      </div>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void reset()} />}
      {edited && (
        <NameDialog
          of={of}
          fit={edited === "new" ? null : edited}
          names={names}
          onClose={() => setEdited(null)}
          onRow={(next) => {
            setEdited(null);
            onRow(next);
          }}
        />
      )}
    </div>
  );
}

function Chip({ fit, onEdit }: { fit: NameFit; onEdit: () => void }): JSX.Element {
  const isNot = fit.origin === "correction" && fit.fit === 0;
  const kind = fit.origin === "correction" ? (isNot ? "word word-not" : "word word-corrected") : "word";
  return (
    <button type="button" class={`chip ${kind}`} title={originText(fit)} onClick={onEdit}>
      {isNot ? t("not {name}", { name: fit.label }) : fit.label}
      {!isNot && (
        <span class="word-weight">
          <progress value={fit.fit} max={1} aria-hidden="true" />
          {percent(fit.fit)}
        </span>
      )}
    </button>
  );
}
