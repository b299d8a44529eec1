import type { JSX } from "preact";
import { Icon } from "../../shared/controls/icons";
import { number, t } from "../../shared/texts";
import type { Item } from "./session/types";
import type { Work } from "./session/work";

/** Progress, save state, and the exit. */
export function Bar<A extends Item>({ work, onMenu }: { work: Work<A>; onMenu: () => void }): JSX.Element {
  const { done, total } = progressOf(work);
  const isTraining = work.item?.training != null;
  const progress =
    total > 0 ? t("{n} of {total}", { n: number(done), total: number(total) }) : t("{n} done", { n: number(done) });
  return (
    <header class="work-bar">
      {total > 0 && !isTraining ? (
        <progress class="work-progress" value={done} max={total} aria-label={progress} />
      ) : null}
      <p class="work-count">{isTraining ? <strong class="work-tag">{t("Practice")}</strong> : progress}</p>
      <Badge waiting={work.outbox.waiting} refused={work.outbox.refused.length} isStuck={work.outbox.isStuck} />
      <button
        type="button"
        class="tool"
        aria-label={t("Instructions and shortcuts")}
        title={t("Instructions and shortcuts")}
        onClick={onMenu}
      >
        <Icon name="settings" />
      </button>
      <button type="button" class="action" onClick={() => work.leave()}>
        {t("Finish")}
      </button>
    </header>
  );
}

/** Towards the required answers until they are given, then towards the session's cap. total: 0 without either. */
function progressOf<A extends Item>({ done, cap, earnings, campaign }: Work<A>): { done: number; total: number } {
  const { credited } = earnings;
  const { required_answers: required } = campaign.terms;
  if (required > 0 && credited <= required) return { done: credited, total: required };
  return cap > 0 ? { done, total: cap } : { done: credited, total: 0 };
}

interface BadgeProps {
  readonly waiting: number;
  readonly refused: number;
  readonly isStuck: boolean;
}

/** The state of the answers: saved, being sent, waiting for the connection, or refused. */
function Badge({ waiting, refused, isStuck }: BadgeProps): JSX.Element {
  const state = isStuck ? "offline" : waiting > 0 ? "saving" : refused > 0 ? "refused" : "saved";
  const words = {
    refused: t("{n} not saved", { n: refused }),
    offline: t("Offline, {n} pending", { n: waiting }),
    saving: t("Saving {n}", { n: waiting }),
    saved: t("Saved"),
  };
  return (
    <p class={`badge badge-${state}`} {...(isStuck ? { role: "status" } : {})}>
      <Icon name={state === "saved" ? "check" : state === "saving" ? "upload" : "offline"} />
      <span>{words[state]}</span>
    </p>
  );
}
