import { pinched } from "../viewport";
import type { Tool } from "./tool";

const SLOP_PX = 8;

/** Moves the sheet with one pointer: a finger beside a pen, or the middle mouse button. A resting palm does not move it. */
export function pan(): Tool {
  let last = { x: 0, y: 0 };
  let moving = false;
  return {
    yields: true,
    begin: (_, { x, y }) => void (last = { x, y }),
    move(editor, { x, y }) {
      moving ||= Math.hypot(x - last.x, y - last.y) > SLOP_PX;
      if (!moving) return;
      editor.viewport = pinched(editor.viewport, last, { x, y }, 1);
      last = { x, y };
    },
    end: () => undefined,
    cancel: () => undefined,
  };
}
