import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, patch } from "../../shared/api/client";
import type { RotatedSiteKey, SiteKey } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { t } from "../../shared/texts";
import { CopyButton } from "../kit/CopyButton";
import { when } from "../kit/figures";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { KeyForm } from "./KeyForm";
import { frameSnippet, scriptSnippet } from "./snippets";

type Question = "revoke" | "public" | "secret";

interface Props {
  readonly row: SiteKey;
  readonly onChange: () => void;
}

/** One site: its keys, its origins, and the actions on them. */
export function KeyCard({ row, onChange }: Props): JSX.Element {
  const [isEditing, setEditing] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const [secret, setSecret] = useState("");
  const { trouble, send } = useSend();
  const set = (active: boolean) =>
    send(async () => {
      await patch(`site-keys/${row.id}/`, { active });
      onChange();
    });
  const replace = (kind: "public" | "secret") =>
    send(async () => {
      setSecret((await api<RotatedSiteKey>(`site-keys/${row.id}/rotate/`, { kind })).secret_key);
      onChange();
    });
  const confirm = (asked: Question) => {
    setQuestion(null);
    void (asked === "revoke" ? set(false) : replace(asked));
  };
  return (
    <li class={row.active ? "site-key" : "site-key site-key-revoked"}>
      <h2>
        {row.name} {!row.active && <span class="quiet">({t("revoked")})</span>}
      </h2>
      <dl class="facts">
        <Fact name={t("Public key")}>
          <code>{row.public_key}</code>
        </Fact>
        <Fact name={t("Secret key")}>{row.secret_prefix ? <code>{row.secret_prefix}…</code> : t("none")}</Fact>
        <Fact name={t("Origins")}>
          {row.origins.length > 0 ? row.origins.join(", ") : t("none: no page may use the public key")}
        </Fact>
        <Fact name={t("Last used")}>{row.used_at ? when(row.used_at) : t("never")}</Fact>
      </dl>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={onChange} />}
      {row.active ? (
        <>
          <div class="head-actions">
            <CopyButton text={scriptSnippet(location.origin, row.public_key)} label={t("Copy HTML")} />
            <CopyButton text={frameSnippet(location.origin, row.public_key)} label={t("Copy iframe")} />
            <button type="button" class="action" onClick={() => setEditing(true)}>
              {t("Edit")}
            </button>
            <button
              type="button"
              class="action"
              onClick={() => (row.secret_prefix ? setQuestion("secret") : void replace("secret"))}
            >
              {row.secret_prefix ? t("Replace secret key") : t("Create secret key")}
            </button>
            <button type="button" class="action" onClick={() => setQuestion("public")}>
              {t("Replace public key")}
            </button>
            <button type="button" class="action" onClick={() => setQuestion("revoke")}>
              {t("Revoke")}
            </button>
          </div>
        </>
      ) : (
        <button type="button" class="action" onClick={() => void set(true)}>
          {t("Restore")}
        </button>
      )}
      {isEditing && <KeyForm row={row} onClose={() => setEditing(false)} onSaved={onChange} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} onYes={() => confirm(question)} />}
      {secret && (
        <Dialog title={t("Secret key")} onClose={() => setSecret("")}>
          <p>{t("It is shown this once. Keep it on the server; never put it into a page.")}</p>
          <p class="form-row">
            <code class="personal-link">{secret}</code>
            <CopyButton text={secret} label={t("Copy")} />
          </p>
        </Dialog>
      )}
    </li>
  );
}

function Fact({ name, children }: { name: string; children: JSX.Element | string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface ConfirmProps {
  readonly question: Question;
  readonly onClose: () => void;
  readonly onYes: () => void;
}

function Confirm({ question, onClose, onYes }: ConfirmProps): JSX.Element {
  const [title, effect] = {
    revoke: [t("Revoke"), t("The site's pages and server can no longer search. Both keys can be restored.")],
    public: [t("Replace public key"), t("Pages with the old key can no longer search.")],
    secret: [t("Replace secret key"), t("A server with the old key can no longer search.")],
  }[question];
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{effect}</p>
      <button type="button" class="action action-main" onClick={onYes}>
        {title}
      </button>
    </Dialog>
  );
}
