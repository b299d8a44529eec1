import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SketchPayload } from "../../ink/payload";
import { api } from "../../shared/api/client";
import { timely } from "../../shared/api/timely";
import type { ShareRequest } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { t } from "../../shared/texts";
import type { Filters } from "../live/query";
import { type Trouble, troubleOf } from "../live/trouble";
import { Notice } from "../results/Notice";

interface Props {
  readonly sketch: SketchPayload;
  readonly filters: Filters;
  readonly onClose: () => void;
}

/** Stores the sketch with what narrows its results and shows its link, copied if the browser allows it, else ready to copy by hand. */
export function ShareDialog({ sketch, filters, onClose }: Props): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  const [copied, setCopied] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const input = useRef<HTMLInputElement>(null);

  const store = async () => {
    setTrouble(null);
    try {
      const share = await timely((signal) => api<{ url: string }>("shares/", shared(sketch, filters), signal));
      const address = new URL(share.url, location.origin).href;
      setUrl(address);
      setCopied(await copy(address));
    } catch (error) {
      setTrouble(troubleOf(error));
    }
  };
  useEffect(() => void store(), []);
  useEffect(() => input.current?.select(), [url]);

  return (
    <Dialog title={t("Share this sketch")} onClose={onClose}>
      <p>{t("Anyone with the link can watch the sketch being drawn and see the same results.")}</p>
      {trouble && <Notice trouble={trouble} onAgain={() => void store()} />}
      {!url && !trouble && <p class="quiet">{t("Saving sketch…")}</p>}
      {url && (
        <div class="share-row">
          <input
            ref={input}
            class="field"
            readOnly
            value={url}
            aria-label={t("Link")}
            onFocus={(event) => event.currentTarget.select()}
          />
          <button type="button" class="action action-main" onClick={async () => setCopied(await copy(url))}>
            {copied ? t("Copied") : t("Copy")}
          </button>
          {"share" in navigator && (
            <button type="button" class="action" onClick={() => void navigator.share({ url }).catch(() => undefined)}>
              {t("Send…")}
            </button>
          )}
        </div>
      )}
      <p class="visually-hidden" role="status">
        {copied ? t("Copied") : ""}
      </p>
    </Dialog>
  );
}

function shared(sketch: SketchPayload, { category, name, byShape, text }: Filters): ShareRequest {
  return { sketch, category, name: name?.name ?? null, by_shape: byShape, text };
}

/** Return whether the clipboard could be written; it cannot without HTTPS or permission. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
