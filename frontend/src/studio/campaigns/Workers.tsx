import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { CampaignWorker } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { number, t } from "../../shared/texts";
import { percent, seconds, when } from "../kit/figures";
import { usePages } from "../kit/hooks/pages";
import { useSend } from "../kit/hooks/send";
import { More } from "../kit/More";
import { Await, Trouble } from "../kit/States";
import { FiguresAt } from "./FiguresAt";
import { erasureText } from "./settle/EraseById";
import { findingText } from "./settle/evidence";

type Measure = "warn" | "block" | "unblock" | "erase";

/** Figures change with every vote, so the list is reloaded every hundred votes, and when somebody joins. */
const VOTES_A_LOOK = 100;

function measureText(measure: Measure): string {
  return { warn: t("Warn"), block: t("Block"), unblock: t("Let work again"), erase: t("Erase") }[measure];
}

function standingText(status: CampaignWorker["status"]): string {
  return {
    new: t("too few answers to tell"),
    ok: t("OK"),
    warned: t("warned"),
    failing: t("over the limit"),
    unqualified: t("failed the practice"),
    blocked: t("blocked"),
  }[status];
}

/** What may be done with a worker: who is stopped can work again. */
function measuresFor({ status, erased }: CampaignWorker): readonly Measure[] {
  if (erased) return [];
  const first: readonly Measure[] =
    status === "blocked" ? ["unblock"] : status === "unqualified" ? ["unblock", "block"] : ["warn", "block"];
  return [...first, "erase"];
}

function endingText(ending: CampaignWorker["ending"]): string {
  if (!ending) return "–";
  return { finished: t("finished"), screened_out: t("screened out"), ended_early: t("ended early") }[ending];
}

interface Props {
  readonly id: number;
  readonly nWorkers: number;
  readonly nVotes: number;
}

/** All workers, with evidence of their quality; each action is reversible and audited. */
export function Workers({ id, nWorkers, nVotes }: Props): JSX.Element {
  const look = Math.floor(nVotes / VOTES_A_LOOK);
  const [state, again] = usePages<CampaignWorker>(`campaigns/${id}/workers/`, [nWorkers, look]);
  const [asking, setAsking] = useState<{ row: CampaignWorker; measure: Measure } | null>(null);
  return (
    <section class="studio-section" aria-labelledby="workers-title">
      <h2 id="workers-title">{t("Workers")}</h2>
      <Await state={state} onAgain={again}>
        {(list) =>
          list.rows.length === 0 ? (
            <p class="notice">{t("No workers yet.")}</p>
          ) : (
            <>
              <FiguresAt at={list.rows[0]?.figures_at ?? null} />
              <WorkerTable rows={list.rows} onAsk={(row, measure) => setAsking({ row, measure })} />
              <More rows={list} />
            </>
          )
        }
      </Await>
      {asking && (
        <Measures
          {...asking}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            again();
          }}
        />
      )}
    </section>
  );
}

interface TableProps {
  readonly rows: readonly CampaignWorker[];
  readonly onAsk: (row: CampaignWorker, measure: Measure) => void;
}

function WorkerTable({ rows, onAsk }: TableProps): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="workers-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Worker")}</th>
            {[
              t("Answers"),
              t("Gold tasks correct"),
              t("Settled answers met"),
              t("Agreement"),
              t("Chose left"),
              t("Median time"),
            ].map((name) => (
              <th scope="col" class="figure" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">{t("Status")}</th>
            <th scope="col">{t("Ending")}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.enrolment_id}>
              <th scope="row">
                {row.worker}
                {row.erased && <small>{t("erased")}</small>}
              </th>
              <td class="figure">{number(row.n_votes)}</td>
              <td class="figure">
                {row.gold_total > 0 ? t("{n} of {total}", { n: row.gold_right, total: row.gold_total }) : "–"}
              </td>
              <td class="figure" title={row.skill ? t("of {n} answers", { n: row.skill.n }) : ""}>
                {percent(row.skill?.share ?? null)}
                {row.skill && (
                  <small>{t("{low} to {high}", { low: percent(row.skill.low), high: percent(row.skill.high) })}</small>
                )}
              </td>
              <td class="figure">{percent(row.agreement)}</td>
              <td class="figure">{percent(row.left_share)}</td>
              <td class="figure">{seconds(row.median_ms)}</td>
              <td>
                <span class={`standing standing-${row.status}`}>{standingText(row.status)}</span>
                {[...row.reasons, ...row.findings.map(findingText)].map((reason) => (
                  <small key={reason}>{reason}</small>
                ))}
              </td>
              <td title={row.ended_at ? when(row.ended_at) : ""}>
                {endingText(row.ending)}
                {row.ending && <small>{[row.completion_code, row.pay].filter(Boolean).join(" · ")}</small>}
              </td>
              <td class="row-actions">
                {measuresFor(row).map((measure) => (
                  <button
                    type="button"
                    class="link"
                    key={measure}
                    aria-label={`${measureText(measure)}: ${row.worker}`}
                    onClick={() => onAsk(row, measure)}
                  >
                    {measureText(measure)}
                  </button>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface MeasuresProps {
  readonly row: CampaignWorker;
  readonly measure: Measure;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function Measures({ row, measure, onClose, onDone }: MeasuresProps): JSX.Element {
  const [reason, setReason] = useState("");
  const { trouble, send } = useSend();
  const act = () =>
    send(async () => {
      await api(`enrolments/${row.enrolment_id}/${measure}`, { reason });
      onDone();
    });
  return (
    <Dialog title={`${measureText(measure)}: ${row.worker}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        {measure === "erase" && <p>{erasureText()}</p>}
        <label class="form-field">
          <span>{t("Reason")}</span>
          <input
            class="field"
            required={measure !== "unblock"}
            maxLength={300}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          {(measure === "warn" || measure === "block") && <small>{t("Shown to the worker.")}</small>}
        </label>
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void act()} />}
        <button class="action action-main">{measureText(measure)}</button>
      </form>
    </Dialog>
  );
}
