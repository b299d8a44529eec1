import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { SiteKey } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { useLoad } from "../kit/hooks/load";
import { Await } from "../kit/States";
import { KeyCard } from "./KeyCard";
import { KeyForm } from "./KeyForm";

/** The sites that may use the search: their keys, and what to paste into their pages. */
export function Sites(): JSX.Element {
  const [state, again] = useLoad(() => api<readonly SiteKey[]>("site-keys/"));
  const [isNew, setNew] = useState(false);
  return (
    <>
      <div class="page-head">
        <h1>{t("Site keys")}</h1>
        <button type="button" class="action action-main" onClick={() => setNew(true)}>
          {t("New key")}
        </button>
      </div>
      <p class="quiet site-lead">
        {t(
          "Other sites may use the search with a key: in their pages with its public key, on their servers with its secret key.",
        )}{" "}
        {t("Keys allow searching and reading products, and nothing else.")}
      </p>
      <Await state={state} onAgain={again} rows={4}>
        {(keys) =>
          keys.length === 0 ? (
            <p class="blank">{t("There are no keys yet: no other site may use the search.")}</p>
          ) : (
            <ul class="site-keys">
              {keys.map((key) => (
                <KeyCard key={key.id} row={key} onChange={again} />
              ))}
            </ul>
          )
        }
      </Await>
      {isNew && <KeyForm row={null} onClose={() => setNew(false)} onSaved={again} />}
    </>
  );
}
