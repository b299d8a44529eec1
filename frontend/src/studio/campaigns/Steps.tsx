import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, ProblemError } from "../../shared/api/client";
import type { CampaignStatus } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { t } from "../../shared/texts";
import { TextField } from "../kit/fields";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { stepText } from "./labels";
import { isFinal, stepsOf } from "./steps";
import type { Step } from "./steps";

interface Props {
  readonly id: number;
  readonly status: CampaignStatus;
  readonly onDone: () => void;
}

interface StepBody {
  readonly reason?: string;
  readonly confirm?: true;
}

/** A step, and what the server wants confirmed about it. */
interface Warned {
  readonly step: Step;
  readonly body: StepBody;
  readonly texts: readonly string[];
}

/** Open, pause, resume, close, archive, reopen: whichever the status allows. */
export function Steps({ id, status, onDone }: Props): JSX.Element {
  const [asking, setAsking] = useState<Step | null>(null);
  const [warned, setWarned] = useState<Warned | null>(null);
  const [again, setAgain] = useState<(() => void) | null>(null);
  const { isBusy, trouble, send } = useSend();
  const take = (step: Step, body: StepBody = {}) => {
    setAsking(null);
    setWarned(null);
    setAgain(() => () => void take(step, body));
    return send(async () => {
      try {
        await api(`campaigns/${id}/${step}`, body);
      } catch (error) {
        const texts = warningsIn(error);
        if (texts.length === 0) throw error;
        setWarned({ step, body, texts });
        return;
      }
      onDone();
    });
  };
  return (
    <div class="studio-steps">
      {stepsOf(status).map((step, i) => (
        <button
          type="button"
          key={step}
          class={i === 0 && step !== "archive" && step !== "reopen" ? "action action-main" : "action"}
          aria-disabled={isBusy}
          onClick={() => !isBusy && (isFinal(step) || step === "reopen" ? setAsking(step) : void take(step))}
        >
          {stepText(step)}
        </button>
      ))}
      {trouble && again && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={again} />}
      {asking && isFinal(asking) && (
        <Dialog
          title={asking === "archive" ? t("Archive this campaign?") : t("Close this campaign?")}
          onClose={() => setAsking(null)}
        >
          <p>{t("Later answers are kept but not counted. It can be reopened with a reason.")}</p>
          <button type="button" class="action action-main" onClick={() => void take(asking)}>
            {stepText(asking)}
          </button>
        </Dialog>
      )}
      {asking === "reopen" && (
        <Reopen onClose={() => setAsking(null)} onReopen={(reason) => void take("reopen", { reason })} />
      )}
      {warned && (
        <Dialog title={t("Open in spite of this?")} onClose={() => setWarned(null)}>
          <ul>
            {warned.texts.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
          <button
            type="button"
            class="action action-main"
            onClick={() => void take(warned.step, { ...warned.body, confirm: true })}
          >
            {t("Open anyway")}
          </button>
        </Dialog>
      )}
    </div>
  );
}

function Reopen({ onClose, onReopen }: { onClose: () => void; onReopen: (reason: string) => void }): JSX.Element {
  const [reason, setReason] = useState("");
  return (
    <Dialog title={t("Reopen this campaign?")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onReopen(reason.trim());
        }}
      >
        <p>{t("Tasks are handed out again, and answers count again.")}</p>
        <TextField
          label={t("Reason")}
          hint={t("Kept in the audit log.")}
          value={reason}
          required
          pattern=".*\S.*"
          max={300}
          onInput={setReason}
        />
        <p>
          <button class="action action-main">{t("Reopen")}</button>
        </p>
      </form>
    </Dialog>
  );
}

/** What the server wants confirmed before it opens the campaign. */
function warningsIn(error: unknown): readonly string[] {
  if (!(error instanceof ProblemError)) return [];
  return (error.problem.errors ?? []).filter(({ field }) => field.startsWith("confirm")).map(({ message }) => message);
}
