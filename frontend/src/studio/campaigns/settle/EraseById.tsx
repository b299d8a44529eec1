import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import { Dialog } from "../../../shared/controls/Dialog";
import { t } from "../../../shared/texts";
import { TextField } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";

interface Props {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Erase a participant in all campaigns by the ID that they state when they ask for it. */
export function EraseById({ onClose, onDone }: Props): JSX.Element {
  const [provider, setProvider] = useState("PROLIFIC");
  const [worker, setWorker] = useState("");
  const [reason, setReason] = useState("");
  const { isBusy, trouble, send } = useSend();
  const erase = () =>
    send(async () => {
      await api("participants/erase/", { provider: provider.trim(), worker: worker.trim(), reason: reason.trim() });
      onDone();
    });
  return (
    <Dialog title={t("Erase a participant")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void erase();
        }}
      >
        <p>{erasureText()}</p>
        <TextField label={t("Panel")} required value={provider} onInput={setProvider} />
        <TextField label={t("Participant ID on the panel")} required max={120} value={worker} onInput={setWorker} />
        <TextField
          label={t("Reason")}
          hint={t("For the audit log; do not write the ID here.")}
          required
          max={300}
          value={reason}
          onInput={setReason}
        />
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void erase()} />}
        <button class="action action-main" aria-disabled={isBusy}>
          {t("Erase")}
        </button>
      </form>
    </Dialog>
  );
}

/** What erasing does, for operators. */
export function erasureText(): string {
  return t(
    "Removes the participant ID, code and link to this person in all campaigns, for good. The answers stay under a number. Afterwards no list can pay them, so decide and export first. A keyed hash of the ID stays, by which campaigns exclude earlier participants.",
  );
}
