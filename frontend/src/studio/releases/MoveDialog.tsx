import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Gate, LiveRelease, Move } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { t } from "../../shared/texts";
import { TextArea } from "../kit/fields";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { isPassed, verdictOf } from "./gate";
import { followed } from "./live";
import { verdictText } from "./VerdictMark";

export type MoveRequest =
  | {
      readonly kind: "promote";
      readonly live: LiveRelease | null;
      readonly release: number;
      readonly gate: Gate | null;
    }
  | { readonly kind: "rollback"; readonly live: LiveRelease };

interface Props {
  readonly move: MoveRequest;
  readonly onClose: () => void;
  readonly onDone: () => void;
  /** Somebody else has moved the pointer since. */
  readonly onStale: () => void;
}

const CONFLICT = 409;

/** Asks for a reason, then moves the live pointer if it has not moved since; every replica follows. */
export function MoveDialog({ move, onClose, onDone, onStale }: Props): JSX.Element {
  const [reason, setReason] = useState("");
  const [wasTried, setTried] = useState(false);
  const { isBusy, trouble, send } = useSend();
  const isPromote = move.kind === "promote";
  const isMissing = reason.trim() === "";
  const verdict = isPromote ? verdictOf(move.gate) : "gatePassed";
  const submit = () => {
    setTried(true);
    if (isMissing || isBusy) return;
    const path = isPromote ? `releases/${move.release}/promote` : "releases/rollback";
    const body = { reason: reason.trim(), expected_number: move.live?.number ?? 0 };
    void send(async () => {
      const { number } = await api<Move>(path, body);
      await followed(number).catch(() => undefined); // the pointer has moved in any case
      onDone();
    });
  };
  const isStale = trouble !== null && trouble !== "offline" && trouble.status === CONFLICT;
  const title = isPromote ? t("Promote release {id}?", { id: move.release }) : t("Roll back the live release?");
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p>
          {isPromote
            ? t(
                "Every server switches to it within five seconds, and no search is lost. You can roll back with one click.",
              )
            : t("The release that {id} replaced goes live again within five seconds.", { id: move.live.id })}
        </p>
        {verdict === "gateNotWorse" && (
          <p class="notice">
            {t(
              "Not worse than the live release, but not significantly better. An operator can promote it; a rule does not.",
            )}
          </p>
        )}
        {!isPassed(verdict) && (
          <p class="notice notice-problem">
            <strong>{t("Gate")}:</strong> {verdictText(verdict)}
          </p>
        )}
        <TextArea
          label={t("Reason")}
          hint={t("Recorded in the history.")}
          value={reason}
          rows={3}
          required
          error={wasTried && isMissing ? t("This field is required.") : undefined}
          onInput={setReason}
        />
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={isStale ? onStale : submit} />}
        <button class="action action-main" aria-disabled={isBusy}>
          {isPromote ? t("Promote") : t("Roll back")}
        </button>
      </form>
    </Dialog>
  );
}
