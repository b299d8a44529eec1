import { useEffect } from "preact/hooks";
import type { Board } from "../../ink/board";
import { BRUSH } from "../../shared/controls/Toolbar";
import { actOnKey } from "../../shared/shortcuts";
import { isTyping } from "../../shared/typing";

/** The draw page's shortcuts, for another sheet. */
export function useInkKeys(board: Board | null, singleKeys: boolean): void {
  useEffect(() => {
    if (!board) return;
    const { editor } = board;
    const setBrush = (width: number) => (editor.brush = Math.min(BRUSH.max, Math.max(BRUSH.min, width)));
    const onKey = (event: KeyboardEvent) => {
      if (!isTyping(event.target) && actOnKey(event, { editor, singleKeys, setBrush })) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [board, singleKeys]);
}
