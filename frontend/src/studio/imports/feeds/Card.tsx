import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { api, patch, remove } from "../../../shared/api/client";
import type { RemoteFeed } from "../../../shared/api/types";
import { Dialog } from "../../../shared/controls/Dialog";
import { t } from "../../../shared/texts";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { Form } from "./Form";
import { everyText, failuresText, heldText, lastText, nextText } from "./labels";

interface Props {
  readonly feed: RemoteFeed;
  readonly onChange: () => void;
}

/** One feed: what its last fetch brought, when the next is due, and the actions on it. */
export function Card({ feed, onChange }: Props): JSX.Element {
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const { isBusy, trouble, send } = useSend();
  const path = `catalog/feeds/${feed.id}/`;
  const run = (work: () => Promise<unknown>) =>
    send(async () => {
      await work();
      onChange();
    });
  const isActive = feed.status === "running" || feed.status === "importing";
  const held = heldText(feed);
  return (
    <li class="feed-card">
      <h3>{feed.name}</h3>
      <dl class="facts">
        <Fact name={t("Address")}>{feed.url}</Fact>
        <Fact name={t("Schedule")}>
          {everyText(feed.every_h)}
          {feed.complete && `, ${t("whole catalogue")}`}
        </Fact>
        <Fact name={t("Last fetch")}>
          {feed.last_import && !isActive && feed.outcome === "imported" ? (
            <a class="link" href={`/studio/imports/${feed.last_import.id}/`}>
              {lastText(feed)}
            </a>
          ) : (
            lastText(feed)
          )}
        </Fact>
        <Fact name={t("Next fetch")}>{nextText(feed)}</Fact>
      </dl>
      {held && (
        <p class="notice">
          {held[0]}{" "}
          {feed.last_import && (
            <a class="link" href={`/studio/imports/${feed.last_import.id}/`}>
              {held[1]}
            </a>
          )}
        </p>
      )}
      {feed.outcome === "failed" && !isActive && (
        <p class="notice notice-problem">
          {failuresText(feed.failures)}: {feed.error}
        </p>
      )}
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={onChange} />}
      <div class="head-actions">
        <button
          type="button"
          class="action"
          disabled={isActive}
          aria-disabled={isBusy}
          onClick={() => void run(() => api(`${path}fetch/`, {}))}
        >
          {t("Fetch now")}
        </button>
        <button type="button" class="action" onClick={() => setOpen("edit")}>
          {t("Edit")}
        </button>
        <button
          type="button"
          class="action"
          aria-disabled={isBusy}
          onClick={() => void run(() => patch(path, { active: !feed.active }))}
        >
          {feed.active ? t("Pause") : t("Resume")}
        </button>
        <button type="button" class="action" onClick={() => setOpen("delete")}>
          {t("Delete")}
        </button>
      </div>
      {open === "edit" && <Form feed={feed} onClose={() => setOpen(null)} onSaved={onChange} />}
      {open === "delete" && (
        <Dialog title={t("Delete the feed {name}", { name: feed.name })} onClose={() => setOpen(null)}>
          <p>{t("It is no longer fetched. Its products and earlier imports stay.")}</p>
          <button
            type="button"
            class="action action-main"
            onClick={() => {
              setOpen(null);
              void run(() => remove(path));
            }}
          >
            {t("Delete")}
          </button>
        </Dialog>
      )}
    </li>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
