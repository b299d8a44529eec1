import type { JSX } from "preact";
import type { Lineage } from "../../shared/api/types";
import { t, tn } from "../../shared/texts";
import { Chain } from "./Chain";
import { campaignLink, indexLink, modelLink, releaseLink, runLink, snapshotLink } from "./links";

/** A release's lineage back to the votes; an imported one starts with its model. */
export function ReleaseLineage({ lineage }: { lineage: Lineage }): JSX.Element {
  const { campaigns, n_votes: votes, snapshots, runs, model, index_build: build, release } = lineage;
  const links = [
    ...(votes > 0 || campaigns.length > 0 ? [campaignLink(campaigns, tn("1 vote", "{n} votes", votes))] : []),
    ...(snapshots.length > 0 ? [snapshotLink(snapshots)] : []),
    ...(runs.length > 0 ? [runLink(runs)] : []),
    modelLink([model]),
    indexLink(build),
    releaseLink([release]),
  ];
  return (
    <section class="studio-section" aria-labelledby="lineage-title">
      <h2 id="lineage-title">{t("Lineage")}</h2>
      {runs.length === 0 && (
        <p class="quiet">{t("The model was trained elsewhere; its model card lists the training data.")}</p>
      )}
      <Chain links={links} />
    </section>
  );
}
