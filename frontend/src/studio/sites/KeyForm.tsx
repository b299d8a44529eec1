import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, patch } from "../../shared/api/client";
import type { SiteKey } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { t } from "../../shared/texts";
import { NumberField, TextArea, TextField } from "../kit/fields";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";

interface Props {
  /** The key to change; null for a new one. */
  readonly row: SiteKey | null;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

const MAX_NAME = 80;
const MAX_RATE = 1_000_000;

export function KeyForm({ row, onClose, onSaved }: Props): JSX.Element {
  const [name, setName] = useState(row?.name ?? "");
  const [origins, setOrigins] = useState((row?.origins ?? []).join("\n"));
  const [visitorRate, setVisitorRate] = useState(row?.public_rate ?? 600);
  const [serverRate, setServerRate] = useState(row?.secret_rate ?? 1200);
  const { isBusy, trouble, send } = useSend();
  const save = async () => {
    const body = {
      name: name.trim(),
      origins: origins.split(/\s+/).filter(Boolean),
      public_rate: visitorRate,
      secret_rate: serverRate,
    };
    const saved = await send(async () => {
      await (row ? patch(`site-keys/${row.id}/`, body) : api("site-keys/", body));
      onSaved();
    });
    if (saved) onClose();
  };
  const errors = trouble && trouble !== "offline" ? (trouble.errors ?? []) : [];
  const errorOf = (field: string) => errors.find((error) => error.field.split("[")[0] === field)?.message;
  return (
    <Dialog title={row ? row.name : t("New key")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={t("Name of the site")}
          required
          max={MAX_NAME}
          value={name}
          error={errorOf("name")}
          onInput={setName}
        />
        <TextArea
          label={t("Origins of its pages, one per line")}
          hint={t("Such as https://shop.example. Only these pages may use the public key.")}
          rows={3}
          value={origins}
          error={errorOf("origins")}
          onInput={setOrigins}
        />
        <NumberField
          label={t("Searches per minute and visitor")}
          min={1}
          max={MAX_RATE}
          value={visitorRate}
          error={errorOf("public_rate")}
          onInput={setVisitorRate}
        />
        <NumberField
          label={t("Requests of its server per minute")}
          min={1}
          max={MAX_RATE}
          value={serverRate}
          error={errorOf("secret_rate")}
          onInput={setServerRate}
        />
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
