import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { StudySet } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { TextField } from "../kit/fields";
import { day } from "../kit/figures";
import { usePages } from "../kit/hooks/pages";
import { useSend } from "../kit/hooks/send";
import { More } from "../kit/More";
import { Await, Trouble } from "../kit/States";

/** Own sketches and private photos, by set. */
export function SetList(): JSX.Element {
  const [state, again] = usePages<StudySet>("study-sets/");
  return (
    <>
      <div class="page-head">
        <h1>{t("Study sets")}</h1>
      </div>
      <p class="lead prose">
        {t("Bring in your own sketches and photos for a study. The shop never shows them; only workers see them.")}
      </p>
      <NewSet />
      <section class="studio-section" aria-labelledby="sets-title">
        <h2 id="sets-title">{t("All sets")}</h2>
        <Await state={state} onAgain={again}>
          {(list) =>
            list.rows.length === 0 ? (
              <p class="quiet none">{t("There is no set yet.")}</p>
            ) : (
              <>
                <Rows rows={list.rows} />
                <More rows={list} />
              </>
            )
          }
        </Await>
      </section>
    </>
  );
}

function Rows({ rows }: { rows: readonly StudySet[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="sets-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Name")}</th>
            <th scope="col">{t("Sketches")}</th>
            <th scope="col">{t("Photos")}</th>
            <th scope="col">{t("Created")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, name, n_sketches, n_photos, created_at }) => (
            <tr key={id}>
              <th scope="row">
                <a href={`/studio/sets/${id}/`}>{name}</a>
              </th>
              <td>{number(n_sketches)}</td>
              <td>{number(n_photos)}</td>
              <td>{day(created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewSet(): JSX.Element {
  const [name, setName] = useState("");
  const { isBusy, trouble, send } = useSend();
  const create = () =>
    send(async () => {
      const { id } = await api<StudySet>("study-sets/", { name: name.trim() });
      location.assign(`/studio/sets/${id}/`);
    });
  return (
    <form
      class="form sets-new"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <TextField label={t("Name of a new set")} value={name} required max={80} onInput={setName} />
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void create()} />}
      <p>
        <button class="action action-main" aria-disabled={isBusy}>
          {t("Create set")}
        </button>
      </p>
    </form>
  );
}
