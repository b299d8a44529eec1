import type { Editor } from "../ink/editor";

const BRUSH_STEP = 2;

export interface ShortcutTarget {
  readonly editor: Editor;
  readonly singleKeys: boolean;
  readonly setBrush: (width: number) => void;
}

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** Handle a key; return whether it is a shortcut. Shortcuts without Ctrl can be switched off. */
export function actOnKey(key: Key, { editor, singleKeys, setBrush }: ShortcutTarget): boolean {
  const name = key.key.toLowerCase();
  const command = key.ctrlKey || key.metaKey;
  if (key.altKey || (!command && !singleKeys)) return false;
  if (name === "z") key.shiftKey ? editor.redo() : editor.undo();
  else if (name === "y") editor.redo();
  else if (command) return false;
  else if (name === "p") editor.tool = "pen";
  else if (name === "e") editor.tool = "eraser";
  else if (name === "[") setBrush(editor.brush - BRUSH_STEP);
  else if (name === "]") setBrush(editor.brush + BRUSH_STEP);
  else return false;
  return true;
}
