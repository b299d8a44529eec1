import type { JSX } from "preact";
import { api } from "../../shared/api/client";
import type { VoteLineage } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { moment } from "../kit/figures";
import { useLoad } from "../kit/hooks/load";
import { Await } from "../kit/States";
import { sketchPath } from "../releases/sketchPath";
import { Chain, type Link, None } from "./Chain";
import { campaignLink, modelLink, ReleaseName, runLink, snapshotLink } from "./links";

/** A vote's lineage: what was trained on it, what of that went live, and the answers that it influenced. */
export function VotePage({ id }: { id: number }): JSX.Element {
  const [state, again] = useLoad(() => api<VoteLineage>(`votes/${id}/lineage/`));
  return (
    <>
      <div class="page-head">
        <h1>{t("Vote {id}", { id })}</h1>
      </div>
      <Await state={state} onAgain={again} rows={4}>
        {(lineage) => <Whole lineage={lineage} />}
      </Await>
    </>
  );
}

function Whole({ lineage }: { lineage: VoteLineage }): JSX.Element {
  const { vote, campaign, snapshots, runs, models, releases, events, answers } = lineage;
  const or = (link: Link, isThere: boolean): Link => (isThere ? link : { ...link, content: <None /> });
  const live = {
    title: t("Release"),
    content: releases.map((release) => (
      <div key={release.id}>
        <ReleaseName id={release.id} />
        {events
          .filter((event) => event.release === release.id)
          .map((event) => (
            <p class="quiet" key={event.number}>
              {event.kind === "promote"
                ? t("went live {time}", { time: moment(event.at) })
                : t("restored {time}", { time: moment(event.at) })}
            </p>
          ))}
      </div>
    )),
  };
  const links = [
    campaignLink([campaign], `${moment(vote.created_at)} · ${vote.counted ? t("counted") : t("not counted")}`),
    or(snapshotLink(snapshots), snapshots.length > 0),
    or(runLink(runs), runs.length > 0),
    or(modelLink(models), models.length > 0),
    or(live, releases.length > 0),
  ];
  return (
    <>
      <Chain links={links} />
      <section class="studio-section" aria-labelledby="answers-title">
        <h2 id="answers-title">{t("Searches this vote may have influenced")}</h2>
        <p class="quiet">{t("Recorded searches of these releases that returned a product compared in this vote.")}</p>
        {answers.length === 0 ? (
          <p class="quiet none">{t("None recorded yet.")}</p>
        ) : (
          <ul class="answers">
            {answers.map(({ id, release, sketch, at }) => (
              <li key={id} class="canary">
                <figure>
                  <svg viewBox={`0 0 ${sketch.width} ${sketch.height}`} role="img" aria-label={t("The sketch")}>
                    <path d={sketchPath(sketch)} />
                  </svg>
                  <figcaption>
                    {t("Release {id}", { id: release })}, {moment(at)}
                  </figcaption>
                </figure>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
