import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { api, listOf } from "../../shared/api/client";
import type { Gate, LiveRelease, Move, Release } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { moment, when } from "../kit/figures";
import { firstPages } from "../kit/hooks/pages";
import { usePoll } from "../kit/hooks/poll";
import { More } from "../kit/More";
import { Await } from "../kit/States";
import { LiveState } from "../LiveState";
import { newestOf } from "./gate";
import { liveOrNone } from "./live";
import { MoveDialog, type MoveRequest } from "./MoveDialog";
import { PrecisionFallback } from "./PrecisionFallback";
import { VerdictMark } from "./VerdictMark";

interface Data {
  readonly live: LiveRelease | null;
  readonly releases: readonly Release[];
  readonly hasMore: boolean;
  readonly gates: readonly Gate[];
  readonly moves: readonly Move[];
}

/** The live release, the others, and every move of the pointer. */
export function Releases(): JSX.Element {
  const [nPages, setPages] = useState(1);
  const load = async (): Promise<Data> => {
    const [live, { rows: releases, hasMore }, gates, moves] = await Promise.all([
      liveOrNone(),
      firstPages<Release>("releases/", nPages),
      api<readonly Gate[] | { results: readonly Gate[] }>("gates/?page_size=100"),
      api<readonly Move[]>("releases/events/"),
    ]);
    return { live, releases, hasMore, gates: listOf(gates), moves };
  };
  const [state, again, isOld] = usePoll(load, [nPages]);
  return (
    <>
      <div class="page-head">
        <h1>{t("Releases")}</h1>
        {isOld && <LiveState connection="away" />}
      </div>
      <Await state={state} onAgain={again} rows={6}>
        {(data) => <All data={data} onDone={again} onMore={() => setPages(nPages + 1)} />}
      </Await>
    </>
  );
}

interface Props {
  readonly data: Data;
  readonly onDone: () => void;
  readonly onMore: () => void;
}

function All({ data, onDone, onMore }: Props): JSX.Element {
  const [move, setMove] = useState<MoveRequest | null>(null);
  const { live, releases, moves } = data;
  const gates = newestOf(data.gates);
  const isTaken = (id: number) => id === live?.id;
  const candidates = releases.filter(({ id }) => !isTaken(id));
  const current = releases.find(({ id }) => isTaken(id));
  const canGoBack = moves.length > 1;
  return (
    <>
      <section class="live release-live" aria-labelledby="live-release">
        <header class="live-head">
          <h2 id="live-release">{live ? t("Release {id} is live", { id: live.id }) : t("No release is live")}</h2>
          {live && canGoBack && (
            <button type="button" class="action" onClick={() => setMove({ kind: "rollback", live })}>
              {t("Roll back")}
            </button>
          )}
        </header>
        {live ? (
          <dl class="run-facts">
            <Fact label={t("Model")}>
              {current ? <a href={`/studio/models/${current.model_version_id}/`}>{live.model}</a> : live.model}
            </Fact>
            <Fact label={t("Live since")}>
              <span title={moment(live.promoted_at)}>{when(live.promoted_at)}</span>
            </Fact>
            <Fact label={t("Photos")}>{number(live.n_photos)}</Fact>
            <Fact label={t("Precision")}>
              {live.precision}
              <PrecisionFallback of={live} />
            </Fact>
            <Fact label={t("Index")}>
              <code>{live.index}</code>
            </Fact>
            <Fact label={t("Details")}>
              <a href={`/studio/releases/${live.id}/`}>{t("Gate and lineage")}</a>
            </Fact>
          </dl>
        ) : (
          <p>{t("Searches return no results until a release is promoted.")}</p>
        )}
      </section>
      <section class="studio-section" aria-labelledby="candidates">
        <h2 id="candidates">{t("Other releases")}</h2>
        {candidates.length === 0 ? (
          <p class="quiet none">
            {t("When a run’s model can go live, a release appears here once its index is built.")}
          </p>
        ) : (
          <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="candidates">
            <table class="table studio-table">
              <thead>
                <tr>
                  <th scope="col">{t("Release")}</th>
                  <th scope="col">{t("Model")}</th>
                  <th scope="col">{t("Gate")}</th>
                  <th scope="col" class="figure">
                    {t("Photos")}
                  </th>
                  <th scope="col">{t("Created")}</th>
                  <th>
                    <span class="visually-hidden">{t("Promote")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {candidates.map((release) => (
                  <tr key={release.id}>
                    <th scope="row">
                      <a href={`/studio/releases/${release.id}/`}>{t("Release {id}", { id: release.id })}</a>
                      {release.note && <small>{release.note}</small>}
                    </th>
                    <td>
                      <a href={`/studio/models/${release.model_version_id}/`}>{release.model}</a>
                    </td>
                    <td>
                      <VerdictMark gate={gates.get(release.id) ?? null} />
                    </td>
                    <td class="figure">{number(release.n_photos)}</td>
                    <td class="nowrap">{when(release.created_at)}</td>
                    <td class="row-actions">
                      <button
                        type="button"
                        class="action"
                        aria-label={t("Promote release {id}", { id: release.id })}
                        onClick={() =>
                          setMove({ kind: "promote", live, release: release.id, gate: gates.get(release.id) ?? null })
                        }
                      >
                        {t("Promote")}
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <More rows={{ rows: releases, more: data.hasMore ? async () => onMore() : null }} />
      </section>
      <History moves={moves} />
      {move && (
        <MoveDialog
          move={move}
          onClose={() => setMove(null)}
          onDone={() => {
            setMove(null);
            onDone();
          }}
          onStale={onDone}
        />
      )}
    </>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function History({ moves }: { moves: readonly Move[] }): JSX.Element {
  return (
    <section class="studio-section" aria-labelledby="history">
      <h2 id="history">{t("History")}</h2>
      {moves.length === 0 ? (
        <p class="quiet none">{t("No promotions yet.")}</p>
      ) : (
        <ol class="history">
          {moves.map((move) => (
            <li key={move.number}>
              <span class="history-number">{move.number}</span>
              <div>
                <p>
                  <strong>
                    {move.kind === "promote"
                      ? t("Release {id} promoted", { id: move.release_id })
                      : t("Rolled back to release {id}", { id: move.release_id })}
                  </strong>
                  {move.replaced_id !== null && <> {t("replacing {id}", { id: move.replaced_id })}</>}
                </p>
                {move.reason && <p class="history-why">{move.reason}</p>}
                <p class="quiet">
                  {moment(move.at)} · {move.by ?? t("system")}
                </p>
              </div>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
