import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { CampaignStatus } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { t } from "../../shared/texts";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { stepText } from "./labels";
import { isFinal, stepsOf } from "./steps";
import type { Step } from "./steps";

/** Open, pause, resume, close, archive: whichever the status allows. */
export function Steps({ id, status, onDone }: { id: number; status: CampaignStatus; onDone: () => void }): JSX.Element {
  const [asking, setAsking] = useState<Step | null>(null);
  const [tried, setTried] = useState<Step | null>(null);
  const { isBusy, trouble, send } = useSend();
  const take = (step: Step) => {
    setAsking(null);
    setTried(step);
    return send(async () => {
      await api(`campaigns/${id}/${step}`, {});
      onDone();
    });
  };
  return (
    <div class="studio-steps">
      {stepsOf(status).map((step, i) => (
        <button
          type="button"
          key={step}
          class={i === 0 && step !== "archive" ? "action action-main" : "action"}
          aria-disabled={isBusy}
          onClick={() => !isBusy && (isFinal(step) ? setAsking(step) : void take(step))}
        >
          {stepText(step)}
        </button>
      ))}
      {trouble && tried && (
        <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void take(tried)} />
      )}
      {asking && (
        <Dialog
          title={asking === "archive" ? t("Archive this campaign?") : t("Close this campaign?")}
          onClose={() => setAsking(null)}
        >
          <p>{t("This cannot be undone. Later answers are kept but not counted.")}</p>
          <button type="button" class="action action-main" onClick={() => void take(asking)}>
            {stepText(asking)}
          </button>
        </Dialog>
      )}
    </div>
  );
}
