import type { JSX } from "preact";
import type { Disputed, Photo, Voted } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { seconds } from "../kit/figures";
import { usePages } from "../kit/hooks/pages";
import { More } from "../kit/More";
import { Await } from "../kit/States";

/** New votes rarely change what is disputed, so the list is reloaded every hundred votes. */
const VOTES_A_LOOK = 100;

/** The triplets on which workers disagree, with every vote. */
export function Disputes({ id, nVotes }: { id: number; nVotes: number }): JSX.Element {
  const look = Math.floor(nVotes / VOTES_A_LOOK);
  const [state, again] = usePages<Disputed>(`campaigns/${id}/disputed/`, [look]);
  return (
    <section class="studio-section" aria-labelledby="disputed-title">
      <h2 id="disputed-title">{t("Disputed")}</h2>
      <p class="quiet">{t("Triplets that workers disagree on, with every answer.")}</p>
      <Await state={state} onAgain={again}>
        {(list) =>
          list.rows.length === 0 ? (
            <p class="notice">{t("No disagreement so far.")}</p>
          ) : (
            <>
              <ul class="disputes">
                {list.rows.map((row) => (
                  <Dispute key={row.task_id} row={row} />
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

function Dispute({ row }: { row: Disputed }): JSX.Element {
  const of = (choice: Voted["choice"]) => row.votes.filter((vote) => vote.choice === choice);
  return (
    <li class="dispute">
      <div class="plate">
        <img src={row.sketch_url} alt={t("The sketch")} loading="lazy" decoding="async" />
      </div>
      <Side candidate={row.a} votes={of("a")} />
      <Side candidate={row.b} votes={of("b")} />
      {of("cant_tell").length > 0 && (
        <p class="dispute-unsure quiet">
          {t("Can’t tell")}:{" "}
          {of("cant_tell").map((vote) => (
            <VoteLink key={vote.id} vote={vote} />
          ))}
        </p>
      )}
    </li>
  );
}

function Side({ candidate, votes }: { candidate: Photo; votes: readonly Voted[] }): JSX.Element {
  return (
    <div>
      <div class="plate">
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
