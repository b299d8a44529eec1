import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { WordsName } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { useLoad } from "../kit/hooks/load";
import { Await } from "../kit/States";
import { Categories } from "./Categories";
import { Unanswered } from "./Unanswered";

/** What sketches the products are recognised as, by their words, and its correction. */
export function Words(): JSX.Element {
  const [typed, setTyped] = useState("");
  const [sought, setSought] = useState("");
  const [state, again] = useLoad(() => api<readonly WordsName[]>("catalog/words/names/"));
  return (
    <>
      <div class="page-head">
        <h1>{t("Words")}</h1>
        <form
          class="search-box"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            setSought(typed.trim());
          }}
        >
          <input
            class="field"
            type="search"
            maxLength={80}
            aria-label={t("Category")}
            placeholder={t("Category")}
            value={typed}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              if (event.currentTarget.value === "") setSought("");
            }}
          />
          <button class="action">{t("Search")}</button>
        </form>
      </div>
      <p class="quiet words-lead">
        {t("When a sketch is recognised, for example as a clock, products whose words mean a clock come first.")}{" "}
        {t("Names are found in the words of each product and category. Correct them where they are wrong.")}
      </p>
      <Await state={state} onAgain={again} rows={6}>
        {(names) => (
          <>
            <Categories sought={sought} names={names} onChange={again} />
            {!sought && <Unanswered names={names} />}
          </>
        )}
      </Await>
    </>
  );
}
