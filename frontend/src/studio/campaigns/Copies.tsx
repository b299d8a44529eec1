import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, remove } from "../../shared/api/client";
import type { Campaign } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { Switch } from "../../shared/controls/Switch";
import { t } from "../../shared/texts";
import { TextField } from "../kit/fields";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { slugOf } from "./draft";

/** Duplicates the campaign as a draft, or deletes it if it is one that was never opened. */
export function Copies({ campaign }: { campaign: Campaign }): JSX.Element {
  const [asking, setAsking] = useState<"duplicate" | "delete" | null>(null);
  const canDelete = campaign.status === "draft" && campaign.opened_at === null;
  return (
    <>
      <button type="button" class="action" onClick={() => setAsking("duplicate")}>
        {t("Duplicate")}
      </button>
      {canDelete && (
        <button type="button" class="action" onClick={() => setAsking("delete")}>
          {t("Delete draft")}
        </button>
      )}
      {asking === "duplicate" && <Duplicate campaign={campaign} onClose={() => setAsking(null)} />}
      {asking === "delete" && <Delete campaign={campaign} onClose={() => setAsking(null)} />}
    </>
  );
}

interface Props {
  readonly campaign: Campaign;
  readonly onClose: () => void;
}

function Duplicate({ campaign, onClose }: Props): JSX.Element {
  const [title, setTitle] = useState(t("{title} (copy)", { title: campaign.title }).slice(0, 120));
  const [withTasks, setWithTasks] = useState(true);
  const { isBusy, trouble, send } = useSend();
  const duplicate = () =>
    send(async () => {
      const body = { title: title.trim(), slug: slugOf(title), with_tasks: withTasks };
      const { id } = await api<{ id: number }>(`campaigns/${campaign.id}/duplicate`, body);
      location.assign(`/studio/campaigns/${id}/`);
    });
  return (
    <Dialog title={t("Duplicate this campaign")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void duplicate();
        }}
      >
        <p class="quiet">{t("The draft has the same settings and consent text, and no answers.")}</p>
        <TextField label={t("Title")} value={title} required max={120} onInput={setTitle} />
        <Switch
          label={t("Copy the tasks, too")}
          hint={t("Without their answers.")}
          checked={withTasks}
          onChange={setWithTasks}
        />
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void duplicate()} />}
        <p>
          <button class="action action-main" aria-disabled={isBusy}>
            {t("Duplicate")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function Delete({ campaign, onClose }: Props): JSX.Element {
  const { isBusy, trouble, send } = useSend();
  const erase = () =>
    send(async () => {
      await remove(`campaigns/${campaign.id}/`);
      location.assign("/studio/campaigns/");
    });
  return (
    <Dialog title={t("Delete this draft?")} onClose={onClose}>
      <p>{t("Its tasks are deleted with it. It has no answers, which are never deleted.")}</p>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void erase()} />}
      <button type="button" class="action action-main" aria-disabled={isBusy} onClick={() => void erase()}>
        {t("Delete draft")}
      </button>
    </Dialog>
  );
}
