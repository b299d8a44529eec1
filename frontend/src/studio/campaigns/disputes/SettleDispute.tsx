import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Disputed } from "../../../shared/api/types";
import { Dialog } from "../../../shared/controls/Dialog";
import { t } from "../../../shared/texts";
import { TextField } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";

type Outcome = "a" | "b" | "tie" | "";

interface Props {
  readonly row: Disputed;
  readonly onChange: () => void;
}

/** Buttons below a dispute's pictures; each asks for a reason, which the audit log keeps. */
export function SettleDispute({ row, onChange }: Props): JSX.Element {
  const [asking, setAsking] = useState<Outcome | null>(null);
  const labels = {
    a: t("First is closer"),
    b: t("Second is closer"),
    tie: t("Neither is closer"),
    "": t("Withdraw the answer"),
  };
  const offered = (["a", "b", "tie", ""] as const).filter((outcome) =>
    outcome === "" ? row.expert : row.expert?.outcome !== outcome,
  );
  return (
    <div class="dispute-settle">
      {offered.map((outcome) => (
        <button type="button" class="link" key={outcome} onClick={() => setAsking(outcome)}>
          {labels[outcome]}
        </button>
      ))}
      {asking !== null && (
        <Answer
          task={row.task_id}
          outcome={asking}
          title={labels[asking]}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            onChange();
          }}
        />
      )}
    </div>
  );
}

interface AnswerProps {
  readonly task: number;
  readonly outcome: Outcome;
  readonly title: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function Answer({ task, outcome, title, onClose, onDone }: AnswerProps): JSX.Element {
  const [reason, setReason] = useState("");
  const { isBusy, trouble, send } = useSend();
  const settle = () =>
    send(async () => {
      await api(`tasks/${task}/settle`, { outcome, reason: reason.trim() });
      onDone();
    });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void settle();
        }}
      >
        <TextField label={t("Reason")} hint={t("Optional")} max={300} value={reason} onInput={setReason} />
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void settle()} />}
        <button class="action action-main" aria-disabled={isBusy}>
          {outcome ? t("Settle") : t("Withdraw the answer")}
        </button>
      </form>
    </Dialog>
  );
}
