import type { JSX } from "preact";
import { api } from "../../../shared/api/client";
import type { Campaign } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { useLoad } from "../../kit/hooks/load";
import { Await } from "../../kit/States";
import { Disputes } from "./Disputes";

/** All disputed triplets of a campaign, large enough to judge. */
export function DisputePage({ id }: { id: number }): JSX.Element {
  const [state, again] = useLoad(() => api<Campaign>(`campaigns/${id}/`));
  return (
    <Await state={state} onAgain={again}>
      {({ title }) => (
        <>
          <nav class="crumbs" aria-label={t("Campaigns")}>
            <a href="/studio/campaigns/">{t("Campaigns")}</a> <span aria-hidden="true">/</span>
            <a href={`/studio/campaigns/${id}/`}>{title}</a>
          </nav>
          <div class="page-head studio-head">
            <h1>{t("Settle disputes")}</h1>
          </div>
          <div class="disputes-large">
            <Disputes id={id} />
          </div>
        </>
      )}
    </Await>
  );
}
