import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "../../shared/controls/Dialog";
import { t, tn } from "../../shared/texts";
import type { Item } from "./session/types";
import type { Work } from "./session/work";

/** Answers that the server has not accepted: why, and what can be done. */
export function Unsaved<A extends Item>({ work }: { work: Work<A> }): JSX.Element | null {
  const [isAsking, setAsking] = useState(false);
  const { refused, locked, waiting, isOnlyInMemory } = work.outbox;
  if (locked && waiting > 0) {
    return (
      <div class="notice notice-problem work-unsaved" role="alert">
        <p>
          <strong>{tn("1 answer is not saved.", "{n} answers are not saved.", waiting)}</strong>{" "}
          {t("You are signed out here, or work in another browser. Start again to send what is kept in this browser.")}
        </p>
        {work.phase.kind !== "welcome" && (
          <button type="button" class="action" onClick={() => work.signIn()}>
            {t("Start again")}
          </button>
        )}
      </div>
    );
  }
  if (refused.length === 0) {
    return isOnlyInMemory ? (
      <p class="notice work-unsaved" role="status">
        {t("This browser can’t keep your answers. Leave the page open until they are saved.")}
      </p>
    ) : null;
  }
  const reasons = [...new Set(refused.map(({ problem }) => problem.detail ?? problem.title))];
  return (
    <div class="notice notice-problem work-unsaved" role="alert">
      <p>
        <strong>{tn("1 answer is not saved.", "{n} answers are not saved.", refused.length)}</strong>{" "}
        {reasons.join(" ")}
      </p>
      <p class="form-row">
        <button type="button" class="action" onClick={() => work.sendAgain()}>
          {t("Send again")}
        </button>
        <button type="button" class="quiet-action" onClick={() => setAsking(true)}>
          {t("Discard")}
        </button>
      </p>
      {isAsking && (
        <Dialog title={t("Discard what is not saved?")} onClose={() => setAsking(false)}>
          <p>{t("These answers and drawings will be lost.")}</p>
          <button type="button" class="action action-main" onClick={() => work.outbox.discard()}>
            {t("Discard")}
          </button>
        </Dialog>
      )}
    </div>
  );
}
