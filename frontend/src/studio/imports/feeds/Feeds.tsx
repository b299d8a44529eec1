import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { RemoteFeed } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { usePoll } from "../../kit/hooks/poll";
import { Await } from "../../kit/States";
import { Card } from "./Card";
import { Form } from "./Form";

/** The feeds that are fetched from their addresses. */
export function Feeds(): JSX.Element {
  const [state, again] = usePoll(() => api<readonly RemoteFeed[]>("catalog/feeds/"));
  const [isNew, setNew] = useState(false);
  return (
    <section class="studio-section" aria-labelledby="feeds">
      <div class="feeds-head">
        <h2 id="feeds">{t("Feeds by address")}</h2>
        <button type="button" class="action" onClick={() => setNew(true)}>
          {t("New feed")}
        </button>
      </div>
      <Await state={state} onAgain={again}>
        {(feeds) =>
          feeds.length === 0 ? (
            <p class="quiet none">
              {t("A feed that has an address can be fetched and imported every few hours. There is none yet.")}
            </p>
          ) : (
            <ul class="feeds">
              {feeds.map((feed) => (
                <Card key={feed.id} feed={feed} onChange={again} />
              ))}
            </ul>
          )
        }
      </Await>
      {isNew && <Form feed={null} onClose={() => setNew(false)} onSaved={again} />}
    </section>
  );
}
