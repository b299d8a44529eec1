import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { FeedImport } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { withdrawnText } from "./labels";

interface Props {
  readonly row: FeedImport;
  readonly isMapped: boolean;
  readonly onStarted: () => void;
}

/** Checks the feed, or imports it; products that a complete feed lacks are taken off sale after their number is confirmed. */
export function Start({ row, isMapped, onStarted }: Props): JSX.Element {
  const [isComplete, setComplete] = useState(row.complete);
  const [typed, setTyped] = useState("");
  const { isBusy, trouble, send } = useSend();
  const isChecked = row.status === "done" && row.dry_run && row.complete === isComplete;
  const asksNumber = isComplete && isChecked && row.withdrawn > 0;
  const isConfirmed = !asksNumber || Number(typed) === row.withdrawn;
  const start = (dry_run: boolean) =>
    send(async () => {
      const confirmed = asksNumber && !dry_run ? row.withdrawn : null;
      await api(`catalog/imports/${row.id}/start/`, { dry_run, complete: isComplete, confirmed });
      setTyped("");
      onStarted();
    });
  return (
    <section class="studio-section" aria-labelledby="import-start">
      <h2 id="import-start">{isChecked ? t("Import") : t("Check")}</h2>
      {!isMapped && <p class="quiet">{t("Confirm the columns first.")}</p>}
      <label class="imports-check">
        <input type="checkbox" checked={isComplete} onChange={(event) => setComplete(event.currentTarget.checked)} />{" "}
        <span>
          {t("The feed is the whole catalogue")}
          <small class="quiet">{t("Products that are not in it are taken off sale.")}</small>
        </span>
      </label>
      {asksNumber && (
        <label class="form-row imports-confirm">
          <span>
            {withdrawnText(row.withdrawn)}. {t("Type the number to take them off sale:")}
          </span>
          <input
            class="field"
            inputMode="numeric"
            value={typed}
            placeholder={number(row.withdrawn)}
            onInput={(event) => setTyped(event.currentTarget.value.trim())}
          />
        </label>
      )}
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void start(true)} />}
      <div class="imports-actions">
        <button
          type="button"
          class={isChecked ? "action" : "action action-main"}
          disabled={!isMapped}
          aria-disabled={isBusy}
          onClick={() => void start(true)}
        >
          {isChecked ? t("Check again") : t("Check without writing")}
        </button>
        {isChecked && (
          <button
            type="button"
            class="action action-main"
            disabled={!isMapped || !isConfirmed}
            aria-disabled={isBusy}
            onClick={() => void start(false)}
          >
            {t("Import")}
          </button>
        )}
      </div>
    </section>
  );
}
