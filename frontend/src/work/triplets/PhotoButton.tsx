import type { JSX } from "preact";
import type { Photo } from "../../shared/api/types";
import { t } from "../../shared/texts";

interface Props {
  readonly side: "left" | "right";
  readonly photo: Photo;
  readonly isOpen: boolean;
  /** Whether it is the given answer. */
  readonly isChosen?: boolean;
  readonly onClick: (event: MouseEvent, side: "left" | "right") => void;
}

/** Photos of a study may have no name. */
function labelOf(side: "left" | "right", name: string): string {
  if (!name) return side === "left" ? t("Left photo") : t("Right photo");
  return side === "left" ? t("Left: {name}", { name }) : t("Right: {name}", { name });
}

/** A photo that is an answer. */
export function PhotoButton({ side, photo, isOpen, isChosen = false, onClick }: Props): JSX.Element {
  return (
    <button
      type="button"
      class={isChosen ? "photo photo-chosen" : "photo"}
      data-side={side}
      aria-disabled={!isOpen}
      aria-label={labelOf(side, photo.name)}
      onClick={(event) => onClick(event, side)}
    >
      <span class="plate">
        <img src={photo.photo_url} alt="" decoding="sync" draggable={false} />
      </span>
      <kbd class="photo-key" aria-hidden="true">
        {side === "left" ? "1" : "2"}
      </kbd>
    </button>
  );
}
