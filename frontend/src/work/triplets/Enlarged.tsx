import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Choice } from "../../shared/api/types";
import { Icon } from "../../shared/controls/icons";
import { t } from "../../shared/texts";
import type { Triplet } from "../shell/session/types";
import { PhotoButton } from "./PhotoButton";

interface Props {
  readonly item: Triplet;
  readonly onAnswer: (choice: Choice) => void;
  readonly onClose: () => void;
}

/** The three pictures as large as the window allows; answers are possible here too. */
export function Enlarged({ item, onAnswer, onClose }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} class="enlarged" aria-label={t("Enlarge")} onClose={onClose}>
      <button type="button" class="tool enlarged-close" aria-label={t("Close")} onClick={onClose}>
        <Icon name="close" />
      </button>
      <div class="enlarged-cell">
        <PhotoButton side="left" photo={item.left} isOpen onClick={() => onAnswer("left")} />
      </div>
      <div class="enlarged-cell">
        <div class="plate">
          <img src={item.sketch_url} alt={t("The sketch")} />
        </div>
      </div>
      <div class="enlarged-cell">
        <PhotoButton side="right" photo={item.right} isOpen onClick={() => onAnswer("right")} />
      </div>
    </dialog>
  );
}
