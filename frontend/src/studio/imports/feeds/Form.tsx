import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, patch } from "../../../shared/api/client";
import type { RemoteFeed } from "../../../shared/api/types";
import { Dialog } from "../../../shared/controls/Dialog";
import { t } from "../../../shared/texts";
import { SelectField, TextField } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { everyText } from "./labels";

interface Props {
  /** The feed to change; null for a new one. */
  readonly feed: RemoteFeed | null;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

const HOURS = [1, 6, 24];
const DAILY = 24;

export function Form({ feed, onClose, onSaved }: Props): JSX.Element {
  const [name, setName] = useState(feed?.name ?? "");
  const [url, setUrl] = useState(feed?.url ?? "");
  const [hours, setHours] = useState<number>(feed?.every_h ?? DAILY);
  const [isComplete, setComplete] = useState(feed?.complete ?? false);
  const [user, setUser] = useState(feed?.user ?? "");
  const [password, setPassword] = useState("");
  const { isBusy, trouble, send } = useSend();
  const save = async () => {
    const login = user && !password ? { user } : { user, password }; // without a new password, the stored one stays
    const body = { name: name.trim(), url: url.trim(), every_h: hours, complete: isComplete, ...login };
    const saved = await send(async () => {
      await (feed ? patch(`catalog/feeds/${feed.id}/`, body) : api("catalog/feeds/", body));
      onSaved();
    });
    if (saved) onClose();
  };
  const errors = trouble && trouble !== "offline" ? (trouble.errors ?? []) : [];
  const errorOf = (field: string) => errors.find((error) => error.field === field)?.message;
  return (
    <Dialog title={feed ? feed.name : t("New feed")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField label={t("Name")} required max={80} value={name} error={errorOf("name")} onInput={setName} />
        <TextField
          label={t("Address")}
          hint={t("Such as https://shop.example/export/products.csv")}
          type="url"
          required
          max={2000}
          value={url}
          error={errorOf("url")}
          onInput={setUrl}
        />
        <SelectField
          label={t("Schedule")}
          value={String(hours)}
          options={HOURS.map((each) => [String(each), everyText(each)] as const)}
          onChange={(chosen) => setHours(Number(chosen))}
        />
        <label class="imports-check">
          <input type="checkbox" checked={isComplete} onChange={(event) => setComplete(event.currentTarget.checked)} />{" "}
          <span>
            {t("The feed is the whole catalogue")}
            <small class="quiet">
              {t("Products that are not in it are taken off sale. If they are more than a fifth, it waits for you.")}
            </small>
          </span>
        </label>
        <div class="form-grid">
          <TextField
            label={t("User name (optional)")}
            max={120}
            autoComplete="off"
            value={user}
            error={errorOf("user")}
            onInput={setUser}
          />
          <TextField
            label={t("Password")}
            hint={feed?.has_password ? t("Empty: the stored one stays") : undefined}
            type="password"
            max={200}
            autoComplete="new-password"
            value={password}
            error={errorOf("password")}
            onInput={setPassword}
          />
        </div>
        {trouble && errors.length === 0 && (
          <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void save()} />
        )}
        <button class="action action-main" aria-disabled={isBusy}>
          {t("Save")}
        </button>
      </form>
    </Dialog>
  );
}
