import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, remove } from "../../shared/api/client";
import type { MaterialImport, OwnPhoto, OwnSketch, StudySetFull } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { number, t } from "../../shared/texts";
import { usePages } from "../kit/hooks/pages";
import { usePoll } from "../kit/hooks/poll";
import { useSend } from "../kit/hooks/send";
import { More } from "../kit/More";
import { Await, Trouble } from "../kit/States";
import { ImportRow } from "./ImportRow";
import { Upload } from "./Upload";

/** One set: uploads, their outcome, and what is in it. */
export function SetPage({ id }: { id: number }): JSX.Element {
  const [state, again] = usePoll(() => api<StudySetFull>(`study-sets/${id}/`));
  return (
    <Await state={state} onAgain={again} rows={5}>
      {(set) => <Whole set={set} onChange={again} />}
    </Await>
  );
}

function Whole({ set, onChange }: { set: StudySetFull; onChange: () => void }): JSX.Element {
  const [isDeleting, setDeleting] = useState(false);
  return (
    <>
      <nav class="crumbs" aria-label={t("Study sets")}>
        <a href="/studio/sets/">{t("Study sets")}</a> <span aria-hidden="true">/</span>
      </nav>
      <div class="page-head studio-head">
        <h1>{set.name}</h1>
        <button type="button" class="action" onClick={() => setDeleting(true)}>
          {t("Delete set")}
        </button>
      </div>
      <Upload id={set.id} onSent={onChange} />
      {set.imports.length > 0 && (
        <section class="studio-section" aria-labelledby="set-imports">
          <h2 id="set-imports">{t("Uploads")}</h2>
          <ul class="sets-imports">
            {set.imports.map((row: MaterialImport) => (
              <ImportRow key={row.id} row={row} />
            ))}
          </ul>
        </section>
      )}
      <Sketches id={set.id} n={set.n_sketches} />
      <Photos id={set.id} n={set.n_photos} />
      {isDeleting && <Delete set={set} onClose={() => setDeleting(false)} />}
    </>
  );
}

function Sketches({ id, n }: { id: number; n: number }): JSX.Element {
  const [state, again] = usePages<OwnSketch>(`study-sets/${id}/sketches/`, [n]);
  return (
    <section class="studio-section" aria-labelledby="set-sketches">
      <h2 id="set-sketches">{t("Sketches ({n})", { n: number(n) })}</h2>
      <Await state={state} onAgain={again}>
        {(list) => (
          <>
            <ul class="sets-items">
              {list.rows.map(({ id: key, url, own_id, name, true_match }) => (
                <li key={key}>
                  <img src={url} alt="" loading="lazy" decoding="async" />
                  <strong>{own_id}</strong>
                  <small class="quiet">{[name, true_match && `→ ${true_match}`].filter(Boolean).join(" ")}</small>
                </li>
              ))}
            </ul>
            <More rows={list} />
          </>
        )}
      </Await>
    </section>
  );
}

function Photos({ id, n }: { id: number; n: number }): JSX.Element {
  const [state, again] = usePages<OwnPhoto>(`study-sets/${id}/photos/`, [n]);
  return (
    <section class="studio-section" aria-labelledby="set-photos">
      <h2 id="set-photos">{t("Private photos ({n})", { n: number(n) })}</h2>
      <Await state={state} onAgain={again}>
        {(list) => (
          <>
            <ul class="sets-items">
              {list.rows.map(({ id: key, url, own_id, name }) => (
                <li key={key}>
                  <img src={url} alt="" loading="lazy" decoding="async" />
                  <strong>{own_id}</strong>
                  <small class="quiet">{name === own_id ? "" : name}</small>
                </li>
              ))}
            </ul>
            <More rows={list} />
          </>
        )}
      </Await>
    </section>
  );
}

function Delete({ set, onClose }: { set: StudySetFull; onClose: () => void }): JSX.Element {
  const { isBusy, trouble, send } = useSend();
  const erase = () =>
    send(async () => {
      await remove(`study-sets/${set.id}/`);
      location.assign("/studio/sets/");
    });
  return (
    <Dialog title={t("Delete this set?")} onClose={onClose}>
      <p>{t("Its sketches and photos are deleted, with their files. A set that a campaign uses stays.")}</p>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void erase()} />}
      <button type="button" class="action action-main" aria-disabled={isBusy} onClick={() => void erase()}>
        {t("Delete set")}
      </button>
    </Dialog>
  );
}
