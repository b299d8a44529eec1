import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Campaign } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { SelectField } from "../../kit/fields";
import { useLoad } from "../../kit/hooks/load";
import { campaignOptions } from "../../kit/options";
import { Log } from "./Log";

/** Who changed what in all campaigns, or in one of them. */
export function AuditPage(): JSX.Element {
  const [campaign, setCampaign] = useState(() => new URLSearchParams(location.search).get("campaign") ?? "");
  const [state] = useLoad(() => api<{ readonly results: readonly Campaign[] }>("campaigns/?page_size=200"));
  const known = state.kind === "ready" ? state.data.results : [];
  const options = campaignOptions(known);
  const isListed = campaign === "" || options.some(([id]) => id === campaign);
  const choose = (id: string) => {
    setCampaign(id);
    history.replaceState(history.state, "", id ? `?campaign=${id}` : location.pathname);
  };
  return (
    <>
      <nav class="crumbs" aria-label={t("Campaigns")}>
        <a href="/studio/campaigns/">{t("Campaigns")}</a>
      </nav>
      <div class="page-head studio-head">
        <h1>{t("Audit log")}</h1>
      </div>
      <div class="audit-filter">
        <SelectField
          label={t("Campaign")}
          value={campaign}
          options={[
            ["", t("All campaigns")],
            ...options,
            ...(isListed ? [] : [[campaign, t("Campaign {id}", { id: campaign })] as const]),
          ]}
          onChange={choose}
        />
      </div>
      <Log key={campaign} path={campaign ? `campaigns/${campaign}/audit/` : "audit/"} hasCampaigns={campaign === ""} />
    </>
  );
}
