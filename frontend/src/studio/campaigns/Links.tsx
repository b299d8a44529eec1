import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import { Dialog } from "../../shared/controls/Dialog";
import { t } from "../../shared/texts";
import { CopyButton } from "../kit/CopyButton";
import { TextField } from "../kit/fields";
import { when } from "../kit/figures";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";

const PROLIFIC = "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}";

interface LinksProps {
  readonly id: number;
  /** The URL of the campaign's page. */
  readonly path: string;
}

/** Links into a campaign: for anyone, for a panel's participants, for one participant in another browser. */
export function Links({ id, path }: LinksProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const url = location.origin + path;
  return (
    <>
      <CopyButton text={url} label={t("Copy worker link")} />
      <CopyButton text={url + PROLIFIC} label={t("Copy Prolific link")} />
      <button type="button" class="action" onClick={() => setOpen(true)}>
        {t("Personal link")}
      </button>
      {isOpen && <PersonalLink id={id} onClose={() => setOpen(false)} />}
    </>
  );
}

interface Link {
  readonly url: string;
  readonly expires_at: string;
}

function PersonalLink({ id, onClose }: { id: number; onClose: () => void }): JSX.Element {
  const [provider, setProvider] = useState("PROLIFIC");
  const [worker, setWorker] = useState("");
  const [link, setLink] = useState<Link | null>(null);
  const { isBusy, trouble, send } = useSend();
  const create = () =>
    send(async () => setLink(await api<Link>(`campaigns/${id}/participants/`, { provider, worker: worker.trim() })));
  return (
    <Dialog title={t("Personal link")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <p class="quiet">
          {t(
            "For an invited person, or a participant who switched browsers or cleared cookies. Their work moves to the browser that opens the link.",
          )}
        </p>
        <TextField label={t("Panel")} required value={provider} onInput={setProvider} />
        <TextField label={t("Participant ID on the panel")} required max={120} value={worker} onInput={setWorker} />
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void create()} />}
        <button class="action action-main" aria-disabled={isBusy}>
          {t("Create link")}
        </button>
      </form>
      {link && (
        <p class="form-row">
          <output>{t("Valid until {when}", { when: when(link.expires_at) })}</output>
          <code class="personal-link">{link.url}</code>
          <CopyButton text={link.url} label={t("Copy")} />
        </p>
      )}
    </Dialog>
  );
}
