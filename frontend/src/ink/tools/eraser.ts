import { toPage } from "../viewport";
import type { Tool } from "./tool";

const REACH_PX = 10;

/** Erases every stroke it touches, in one undo step when the pointer is lifted. */
export function eraser(): Tool {
  let last = { x: 0, y: 0 };
  return {
    yields: true,
    begin(editor, { x, y }) {
      last = toPage(editor.viewport, x, y);
      editor.doom(last, last, REACH_PX / editor.viewport.scale);
    },
    move(editor, { x, y }) {
      const next = toPage(editor.viewport, x, y);
      editor.doom(last, next, REACH_PX / editor.viewport.scale);
      last = next;
    },
    end: (editor) => editor.erase(),
    cancel: (editor) => editor.spare(),
  };
}
