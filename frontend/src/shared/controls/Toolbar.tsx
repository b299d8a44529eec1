import type { JSX } from "preact";
import type { Board } from "../../ink/board";
import { t } from "../texts";
import { Icon } from "./icons";

export const BRUSH = { min: 2, max: 24 } as const;

const TOOLS = [
  { tool: "pen", label: () => t("Pen") },
  { tool: "eraser", label: () => t("Stroke eraser") },
] as const;

interface Props {
  readonly board: Board | null;
  readonly onBrush: (width: number) => void;
  readonly fingerDraws: boolean;
  readonly onFingerDraws: (draws: boolean) => void;
}

/** Pen, eraser, width, undo, redo, clear: always visible in the same place. */
export function Toolbar({ board, onBrush, fingerDraws, onFingerDraws }: Props): JSX.Element {
  const editor = board?.editor;
  const brush = editor?.brush ?? BRUSH.min;
  return (
    <div class="toolbar" role="toolbar" aria-label={t("Drawing canvas")}>
      {TOOLS.map(({ tool, label }) => (
        <button
          type="button"
          class="tool"
          key={tool}
          aria-pressed={editor?.tool === tool}
          aria-label={label()}
          title={label()}
          onClick={() => editor && (editor.tool = tool)}
        >
          <Icon name={tool} />
        </button>
      ))}
      {board?.gestures.penMode && (
        <button
          type="button"
          class="tool"
          aria-pressed={fingerDraws}
          aria-label={t("Draw with fingers")}
          title={t("Draw with fingers")}
          onClick={() => onFingerDraws(!fingerDraws)}
        >
          <Icon name="finger" />
        </button>
      )}
      <label class="brush" title={t("Line width")}>
        <span class="visually-hidden">{t("Line width")}</span>
        <input
          type="range"
          min={BRUSH.min}
          max={BRUSH.max}
          value={brush}
          onInput={(event) => onBrush(event.currentTarget.valueAsNumber)}
        />
        <span class="brush-dot" aria-hidden="true">
          <svg viewBox="0 0 24 24">
            <circle cx="12" cy="12" r={brush / 2} />
          </svg>
        </span>
      </label>
      <Action name="undo" label={t("Undo")} enabled={editor?.canUndo} act={() => editor?.undo()} />
      <Action name="redo" label={t("Redo")} enabled={editor?.canRedo} act={() => editor?.redo()} />
      <Action
        name="clear"
        label={t("Clear canvas")}
        enabled={(editor?.drawing.length ?? 0) > 0}
        act={() => editor?.clear()}
      />
    </div>
  );
}

interface ActionProps {
  readonly name: "undo" | "redo" | "clear";
  readonly label: string;
  readonly enabled: boolean | undefined;
  readonly act: () => void;
}

/** `aria-disabled` keeps a disabled button focusable, so that keyboard users do not lose their place. */
function Action({ name, label, enabled = false, act }: ActionProps): JSX.Element {
  return (
    <button
      type="button"
      class="tool"
      aria-label={label}
      title={label}
      aria-disabled={!enabled}
      onClick={() => enabled && act()}
    >
      <Icon name={name} />
    </button>
  );
}
