import type { JSX } from "preact";
import type { Disputed, Photo, Voted } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { seconds, when } from "../../kit/figures";
import { usePages } from "../../kit/hooks/pages";
import { More } from "../../kit/More";
import { Await } from "../../kit/States";
import { SettleDispute } from "./SettleDispute";

/** New votes rarely change what is disputed, so the list is reloaded every hundred votes. */
const VOTES_A_LOOK = 100;

/** The triplets on which workers disagree, with every vote, and an expert's answer to settle them. */
export function Disputes({ id, nVotes = 0 }: { id: number; nVotes?: number }): JSX.Element {
  const look = Math.floor(nVotes / VOTES_A_LOOK);
  const [state, again] = usePages<Disputed>(`campaigns/${id}/disputed/`, [look]);
  return (
    <section class="studio-section" aria-labelledby="disputed-title">
      <h2 id="disputed-title">{t("Disputed")}</h2>
      <p class="quiet">
        {t(
          "Triplets that workers disagree on, with every answer. Your answer settles one in every aggregation and snapshot; it is stored as an expert’s, never as a vote.",
        )}
      </p>
      <Await state={state} onAgain={again}>
        {(list) =>
          list.rows.length === 0 ? (
            <p class="notice">{t("No disagreement so far.")}</p>
          ) : (
            <>
              <ul class="disputes">
                {list.rows.map((row) => (
                  <Dispute key={row.task_id} row={row} onChange={again} />
                ))}
              </ul>
              <More rows={list} />
            </>
          )
        }
      </Await>
    </section>
  );
}

function Dispute({ row, onChange }: { row: Disputed; onChange: () => void }): JSX.Element {
  const of = (choice: Voted["choice"]) => row.votes.filter((vote) => vote.choice === choice);
  const { expert } = row;
  return (
    <li class={expert ? "dispute dispute-settled" : "dispute"}>
      <div class="plate">
        <img src={row.sketch_url} alt={t("The sketch")} loading="lazy" decoding="async" />
      </div>
      <Side candidate={row.a} votes={of("a")} isAnswer={expert?.outcome === "a"} />
      <Side candidate={row.b} votes={of("b")} isAnswer={expert?.outcome === "b"} />
      {of("cant_tell").length > 0 && (
        <p class="dispute-unsure quiet">
          {t("Can’t tell")}:{" "}
          {of("cant_tell").map((vote) => (
            <VoteLink key={vote.id} vote={vote} />
          ))}
        </p>
      )}
      {expert && (
        <p class="dispute-unsure">
          {expert.outcome === "tie" ? t("Settled: neither is closer") : t("Settled by an expert")}{" "}
          <span class="quiet">{[expert.by, when(expert.created_at), expert.reason].filter(Boolean).join(" · ")}</span>
        </p>
      )}
      <SettleDispute row={row} onChange={onChange} />
    </li>
  );
}

interface SideProps {
  readonly candidate: Photo;
  readonly votes: readonly Voted[];
  readonly isAnswer: boolean;
}

function Side({ candidate, votes, isAnswer }: SideProps): JSX.Element {
  return (
    <div>
      <div class={isAnswer ? "plate plate-answer" : "plate"}>
        <img src={candidate.photo_url} alt={candidate.name} loading="lazy" decoding="async" />
      </div>
      <ul class="ticks" aria-label={candidate.name}>
        {votes.map((vote) => (
          <li key={vote.id}>
            <VoteLink vote={vote} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A link to the vote's lineage. */
function VoteLink({ vote: { id, worker, response_ms } }: { vote: Voted }): JSX.Element {
  return <a href={`/studio/lineage/vote/${id}/`}>{t("{worker}, {time}", { worker, time: seconds(response_ms) })}</a>;
}
