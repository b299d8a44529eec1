import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import { Dialog } from "../../shared/controls/Dialog";
import { number } from "../../shared/words";
import { More } from "../kit/More";
import { percent, seconds } from "../kit/figures";
import { Await, Trouble } from "../kit/States";
import { t } from "./strings";
import { usePages } from "../kit/hooks/pages";
import { useSend } from "../kit/hooks/send";
import type { WorkerRow } from "./wire";

type Measure = "warn" | "block" | "unblock";

/** Their figures change with every vote: the list is asked anew by the hundred, and when somebody joins. */
const VOTES_A_LOOK = 100;

interface Props {
  readonly id: number;
  readonly nWorkers: number;
  readonly nVotes: number;
}

/** Everybody who takes part, with what speaks for and against them; each measure is reversible and audited. */
export function Workers({ id, nWorkers, nVotes }: Props): JSX.Element {
  const look = Math.floor(nVotes / VOTES_A_LOOK);
  const [state, again] = usePages<WorkerRow>(`campaigns/${id}/workers/`, [nWorkers, look]);
  const [asking, setAsking] = useState<{ row: WorkerRow; measure: Measure } | null>(null);
  return (
    <section class="studio-section" aria-labelledby="workers-title">
      <h2 id="workers-title">{t("workers")}</h2>
      <Await state={state} onAgain={again}>
        {(list) =>
          list.rows.length === 0 ? (
            <p class="notice">{t("workersNone")}</p>
          ) : (
            <>
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
  readonly rows: readonly WorkerRow[];
  readonly onAsk: (row: WorkerRow, measure: Measure) => void;
}

function WorkerTable({ rows, onAsk }: TableProps): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="workers-title">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("worker")}</th>
            {(["answers", "gold", "skill", "agreesWith", "leftShare", "speed"] as const).map((name) => (
              <th scope="col" class="figure" key={name}>
                {t(name)}
              </th>
            ))}
            <th scope="col">{t("standing")}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.enrolment_id}>
              <th scope="row">{row.worker}</th>
              <td class="figure">{number(row.n_votes)}</td>
              <td class="figure">
                {row.gold_total > 0 ? t("ofTotal", { n: row.gold_right, total: row.gold_total }) : "–"}
              </td>
              <td class="figure">{percent(row.skill)}</td>
              <td class="figure">{percent(row.agreement)}</td>
              <td class="figure">{percent(row.left_share)}</td>
              <td class="figure">{seconds(row.median_ms)}</td>
              <td>
                <span class={`standing standing-${row.status}`}>{t(row.status)}</span>
                {row.reasons.length > 0 && <small>{row.reasons.join("; ")}</small>}
              </td>
              <td class="row-actions">
                {(row.status === "blocked" ? (["unblock"] as const) : (["warn", "block"] as const)).map((measure) => (
                  <button
                    type="button"
                    class="link"
                    key={measure}
                    aria-label={`${t(measure)}: ${row.worker}`}
                    onClick={() => onAsk(row, measure)}
                  >
                    {t(measure)}
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
  readonly row: WorkerRow;
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
    <Dialog title={`${t(measure)}: ${row.worker}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        <label class="form-field">
          <span>{t("reason")}</span>
          <input
            class="field"
            required={measure !== "unblock"}
            maxLength={300}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          {measure !== "unblock" && <small>{t("reasonHint")}</small>}
        </label>
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void act()} />}
        <button class="action action-main">{t(measure)}</button>
      </form>
    </Dialog>
  );
}
