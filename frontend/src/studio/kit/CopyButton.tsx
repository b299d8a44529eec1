import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../shared/texts";

export function CopyButton({ text, label }: { text: string; label: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setCopied(true));
  return (
    <button type="button" class="action" onClick={copy}>
      {isCopied ? t("Copied") : label}
    </button>
  );
}
