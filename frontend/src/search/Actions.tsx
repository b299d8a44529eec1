import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "../shared/controls/icons";
import { t } from "../shared/texts";

interface Props {
  readonly hasInk: boolean;
  readonly onImage: (image: File) => void;
  readonly onShare: () => void;
  readonly onReplay: () => void;
  readonly onSettings: () => void;
}

/** Actions on a drawing, or instead of one. */
export function Actions({ hasInk, onImage, onShare, onReplay, onSettings }: Props): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class="actions">
      <input
        ref={input}
        type="file"
        accept="image/*,.heic,.heif"
        hidden
        aria-label={t("Add image")}
        onChange={({ currentTarget }) => {
          if (currentTarget.files?.[0]) onImage(currentTarget.files[0]);
          currentTarget.value = "";
        }}
      />
      <button type="button" class="action" onClick={() => input.current?.click()}>
        <Icon name="upload" /> {t("Add image")}
      </button>
      <button type="button" class="action" aria-disabled={!hasInk} onClick={() => hasInk && onShare()}>
        <Icon name="share" /> {t("Share")}
      </button>
      <button type="button" class="action" aria-disabled={!hasInk} onClick={() => hasInk && onReplay()}>
        <Icon name="replay" /> {t("Replay")}
      </button>
      <button
        type="button"
        class="action action-end"
        aria-label={t("Settings and shortcuts")}
        title={t("Settings and shortcuts")}
        onClick={onSettings}
      >
        <Icon name="settings" />
      </button>
    </div>
  );
}
