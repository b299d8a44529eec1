import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, listOf } from "../../shared/api/client";
import type { Experiments, Gate, Lineage, LiveRelease } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { when } from "../kit/figures";
import { usePoll } from "../kit/hooks/poll";
import { useSend } from "../kit/hooks/send";
import { Await, Trouble } from "../kit/States";
import { ReleaseLineage } from "../lineage/ReleaseLineage";
import { LiveState } from "../LiveState";
import { modelName } from "../models/metrics";
import { isUnderWay, newestOf } from "./gate";
import { ExperimentView } from "./ExperimentView";
import { GateView } from "./GateView";
import { liveOrNone } from "./live";
import { MoveDialog, type MoveRequest } from "./MoveDialog";
import { PrecisionFallback } from "./PrecisionFallback";
import { VerdictMark } from "./VerdictMark";

interface Data {
  readonly live: LiveRelease | null;
  readonly gate: Gate | null;
  readonly lineage: Lineage;
  readonly experiments: Experiments;
}

/** One release: its comparison with the live one, and its lineage. */
export function ReleasePage({ id }: { id: number }): JSX.Element {
  const [state, again, isOld] = usePoll<Data>(async () => {
    const [live, gates, lineage, experiments] = await Promise.all([
      liveOrNone(),
      api<readonly Gate[] | { results: readonly Gate[] }>(`gates/?release=${id}`),
      api<Lineage>(`releases/${id}/lineage/`),
      api<Experiments>("experiments/"),
    ]);
    const newest = newestOf(listOf(gates)).get(id);
    const gate = newest ? await api<Gate>(`gates/${newest.id}/`) : null;
    return { live, gate, lineage, experiments };
  });
  return (
    <>
      <nav class="crumbs" aria-label={t("Releases")}>
        <a href="/studio/releases/">{t("Releases")}</a> <span aria-hidden="true">/</span> {id}
        {isOld && <LiveState connection="away" />}
      </nav>
      <Await state={state} onAgain={again} rows={6}>
        {(data) => <Whole id={id} data={data} onDone={again} />}
      </Await>
    </>
  );
}

function Whole({ id, data, onDone }: { id: number; data: Data; onDone: () => void }): JSX.Element {
  const [move, setMove] = useState<MoveRequest | null>(null);
  const { isBusy, trouble, send } = useSend();
  const { live, gate } = data;
  const { release } = data.lineage;
  const isLive = live?.id === id;
  const askGate = () =>
    void send(async () => {
      await api("gates/", { release: id });
      onDone();
    });
  return (
    <>
      <div class="page-head studio-head">
        <h1>
          {t("Release {id}", { id })}{" "}
          {isLive ? <span class="status run-running">{t("live")}</span> : <VerdictMark gate={gate} />}
        </h1>
        {isLive && live && <PrecisionFallback of={live} />}
        <div class="studio-steps">
          {!isLive && (
            <button
              type="button"
              class="action action-main"
              onClick={() => setMove({ kind: "promote", live, release: id, gate })}
            >
              {t("Promote")}
            </button>
          )}
          {isLive && live && (
            <button type="button" class="action" onClick={() => setMove({ kind: "rollback", live })}>
              {t("Roll back")}
            </button>
          )}
          {!isUnderWay(gate) && (
            <button type="button" class="action" aria-disabled={isBusy} onClick={askGate}>
              {gate ? t("Run the gate again") : t("Run the gate")}
            </button>
          )}
        </div>
      </div>
      <p class="quiet">
        {modelName(release.model)}, {when(release.created_at)}
        {release.note && ` · ${release.note}`}
      </p>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={askGate} />}
      <GateView gate={gate} />
      <ExperimentView release={id} liveId={live?.id ?? null} experiments={data.experiments} onDone={onDone} />
      <ReleaseLineage lineage={data.lineage} />
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
