import { toPage } from "../viewport";
import type { Tool } from "./tool";

/** Draws one stroke. */
export function pen(): Tool {
  return {
    yields: true,
    begin(editor, { x, y, t, pressure, type }) {
      const at = toPage(editor.viewport, x, y);
      editor.beginStroke(at.x, at.y, t, pressure, type === "pen");
    },
    move(editor, { x, y, t, pressure }) {
      const at = toPage(editor.viewport, x, y);
      editor.extendStroke(at.x, at.y, t, pressure);
    },
    end: (editor) => editor.endStroke(),
    cancel: (editor) => editor.dropStroke(),
  };
}
