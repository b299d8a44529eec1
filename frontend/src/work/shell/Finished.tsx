import type { JSX } from "preact";
import type { Standing } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";
import { CodeTrouble, EndedCode } from "./EndedCode";
import { canEndHere, payText } from "./pay";
import type { Item } from "./session/types";
import type { Why, Work } from "./session/work";
import { Blank } from "./Welcome";

interface Props<A extends Item> {
  readonly work: Work<A>;
  readonly why: Why;
}

/** Why there is nothing to do, what has been earned, and how to go on or end here. */
export function Finished<A extends Item>({ work, why }: Props<A>): JSX.Element {
  const { outbox, campaign } = work;
  const { credited, standing, ended, trouble } = work.earnings;
  const hasEarned = standing?.standing.earned === "finished" || ended?.ending === "finished";
  return (
    <Blank title={titleOf(why)} text={textOf(why, credited, standing)}>
      {outbox.waiting > 0 && (
        <div class="notice work-sending" role="status">
          <p>{t("Answers not saved yet: {n}. Keep this page open until they are.", { n: outbox.waiting })}</p>
          <button type="button" class="action" onClick={() => work.reconnect()}>
            {t("Try again")}
          </button>
        </div>
      )}
      {trouble && <CodeTrouble trouble={trouble} onAgain={() => work.askAgain()} />}
      {ended?.ending && <EndedCode ended={ended} />}
      {!hasEarned && standing && campaign.terms.required_answers > 0 && (
        <p class="quiet">
          {t("{n} of {total} answers required for the completion code.", {
            n: number(standing.n_credited),
            total: number(campaign.terms.required_answers),
          })}
        </p>
      )}
      <button type="button" class="action action-main" onClick={() => work.goOn()}>
        {why === "left" ? t("Keep going") : t("Check for more tasks")}
      </button>
      {!hasEarned && standing && !ended?.ending && canEndHere(campaign.terms, standing) && (
        <EndHere text={payText(campaign.terms)} onEnd={() => work.endHere()} />
      )}
      <a class="action" href="/annotate/">
        {t("Other campaigns")}
      </a>
    </Blank>
  );
}

function titleOf(why: Why): string {
  return {
    none_left: t("All done, thank you"),
    session: t("That’s all for this session. Thank you!"),
    spending_cap: t("There are no more tasks for now"),
    waiting: t("Nothing is free right now"),
    paused: t("This campaign is paused"),
    closed: t("This campaign has ended"),
    left: t("Thank you"),
  }[why];
}

function textOf(why: Why, credited: number, standing: Standing | null): string {
  const resumesAt = standing?.standing.resumes_at;
  const more = {
    none_left: "",
    session: resumesAt
      ? t("The next session can start at {time}.", { time: timeOf(resumesAt) })
      : t("The next session can start after a break."),
    spending_cap: t("The study has given out all the work that it can pay for. Your answers are saved."),
    waiting: t("Others are working on the remaining tasks. If one becomes free, it appears here."),
    paused: t("The remaining tasks appear here when it continues."),
    closed: "",
    left: "",
  }[why];
  const sum =
    credited > 0
      ? tn("1 answer so far.", "{n} answers so far.", credited)
      : why === "left"
        ? t("Come back any time.")
        : "";
  return [sum, more].filter(Boolean).join(" ");
}

function timeOf(time: string): string {
  return new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" }).format(new Date(time));
}

/** The offer to end early, with what it pays. */
function EndHere({ text, onEnd }: { text: string; onEnd: () => void }): JSX.Element {
  return (
    <div class="work-end">
      <button type="button" class="action" onClick={onEnd}>
        {t("End the study here")}
      </button>
      <p class="quiet">{text}</p>
    </div>
  );
}
