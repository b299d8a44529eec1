import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { NameFit, WordsCategory, WordsName, WordsProduct } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { t, tn } from "../../shared/texts";
import { percent } from "../kit/figures";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { namesFor } from "./find";
import { originText } from "./origin";
import type { Subject } from "./subject";

interface Props {
  readonly of: Subject;
  /** The name to change; null to add one. */
  readonly fit: NameFit | null;
  readonly names: readonly WordsName[];
  readonly onClose: () => void;
  readonly onRow: (row: WordsCategory | WordsProduct) => void;
}

/** Changes how well a category or a product answers a name. */
export function NameDialog({ of, fit, names, onClose, onRow }: Props): JSX.Element {
  const [chosen, setChosen] = useState<Pick<NameFit, "name" | "label"> | null>(fit);
  const [weight, setWeight] = useState(fit?.fit || 1);
  const { isBusy, trouble, send } = useSend();
  const correct = (value: number | null) =>
    send(async () => onRow(await api(`${of.path}correct/`, { name: chosen?.name, weight: value })));
  return (
    <Dialog
      title={chosen ? `${of.title}: ${chosen.label}` : t("Add a name to {title}", { title: of.title })}
      onClose={onClose}
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen) void correct(weight);
        }}
      >
        {fit && <Why of={of} fit={fit} />}
        {!chosen && <Search names={names} onChoose={setChosen} />}
        {chosen && (
          <>
            <label class="form-field">
              <span>{t("How well products answer a sketch of this: {percent}", { percent: percent(weight) })}</span>
              <input
                type="range"
                min={0.05}
                max={1}
                step={0.05}
                value={weight}
                onInput={(event) => setWeight(event.currentTarget.valueAsNumber)}
              />
              <small>{t("100%: exactly this. 50%: many people would accept it. 20%: it is only related.")}</small>
            </label>
            {of.nProducts !== null && (
              <p class="quiet">
                {tn(
                  "Applies to the one product of this category.",
                  "Applies to all {n} products of this category.",
                  of.nProducts,
                )}
              </p>
            )}
          </>
        )}
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void correct(weight)} />}
        {chosen && (
          <div class="head-actions">
            <button class="action action-main" aria-disabled={isBusy}>
              {t("Save")}
            </button>
            {fit && !(fit.origin === "correction" && fit.fit === 0) && (
              <button type="button" class="action" onClick={() => void correct(0)}>
                {t("This is wrong: remove")}
              </button>
            )}
            {fit?.origin === "correction" && (
              <button type="button" class="action" onClick={() => void correct(null)}>
                {t("Reset to computed")}
              </button>
            )}
          </div>
        )}
      </form>
    </Dialog>
  );
}

function Why({ of, fit }: { of: Subject; fit: NameFit }): JSX.Element {
  return (
    <p>
      {originText(fit)}.{" "}
      {of.nProducts !== null &&
        t("{n} of {total} products answer it well (50% or more).", { n: fit.n_fitting, total: of.nProducts })}
    </p>
  );
}

interface SearchProps {
  readonly names: readonly WordsName[];
  readonly onChoose: (name: WordsName) => void;
}

function Search({ names, onChoose }: SearchProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const found = namesFor(typed, names);
  return (
    <>
      <label class="form-field">
        <span>{t("Name, in English or German")}</span>
        <input
          class="field"
          type="search"
          autofocus
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <small>
          {t("Sketches are recognised as one of {n} names, such as chair or alarm clock.", { n: names.length })}
        </small>
      </label>
      <div role="status">
        {typed.trim() && found.length === 0 && <p class="quiet">{t("No name matches. Try a more general word.")}</p>}
      </div>
      {found.length > 0 && (
        <ul class="words-found" aria-label={t("Matching names")}>
          {found.map((name) => (
            <li key={name.name}>
              <button type="button" class="link" onClick={() => onChoose(name)}>
                {name.label}
              </button>{" "}
              <small class="quiet">
                {name.words
                  .filter((word) => word !== name.label)
                  .slice(0, 3)
                  .join(", ")}
              </small>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
