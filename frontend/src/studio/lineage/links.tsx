import type { JSX } from "preact";
import type {
  CampaignName,
  Lineage,
  LineageModel,
  LineageRelease,
  LineageRun,
  LineageSnapshot,
} from "../../shared/api/types";
import { t, tn } from "../../shared/texts";
import { day } from "../kit/figures";
import { Hash, type Link } from "./Chain";

/** The links of a chain, each with all of its items. */

export function campaignLink(campaigns: readonly CampaignName[], words: string): Link {
  const content = (
    <>
      {campaigns.map(({ id, title }) => (
        <p key={id}>
          <a href={`/studio/campaigns/${id}/`}>{title}</a>
        </p>
      ))}
      <p class="quiet">{words}</p>
    </>
  );
  return { title: t("Votes"), content };
}

export function snapshotLink(snapshots: readonly LineageSnapshot[]): Link {
  const content = snapshots.map((snapshot) => (
    <div key={snapshot.id}>
      <p>
        {snapshot.name}, {day(snapshot.created_at)}
      </p>
      <Hash of={snapshot.sha256} />
    </div>
  ));
  return { title: t("Snapshot"), content };
}

export function runLink(runs: readonly LineageRun[]): Link {
  const content = runs.map(({ id, system, profile }) => (
    <p key={id}>
      <a href={`/studio/runs/${id}/`}>{`${system} ${id}`}</a> <span class="quiet">{profile}</span>
    </p>
  ));
  return { title: t("Run"), content };
}

export function modelLink(models: readonly LineageModel[]): Link {
  const content = models.map((model) => (
    <div key={model.id}>
      <p>
        <a href={`/studio/models/${model.id}/`}>{`${model.name} ${model.version}`.trim()}</a>
      </p>
      <Hash of={model.sha256} />
    </div>
  ));
  return { title: t("Model"), content };
}

export function indexLink({ id, n_photos: photos, sha256, numbers }: Lineage["index_build"]): Link {
  const content = (
    <>
      <p>
        {t("Build {id}", { id })}, {tn("1 photo", "{n} photos", photos)}
        {numbers && (
          <>
            {", "}
            <code>{numbers.precision}</code>
          </>
        )}
      </p>
      <Hash of={sha256} />
    </>
  );
  return { title: t("Index"), content };
}

export function releaseLink(releases: readonly LineageRelease[]): Link {
  return { title: t("Release"), content: releases.map((release) => <ReleaseName key={release.id} id={release.id} />) };
}

export function ReleaseName({ id }: { id: number }): JSX.Element {
  return (
    <p>
      <a href={`/studio/releases/${id}/`}>{t("Release {id}", { id })}</a>
    </p>
  );
}
