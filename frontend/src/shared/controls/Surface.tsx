import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Board } from "../../ink/board";
import { t } from "../texts";

interface Props {
  readonly board: Board | null;
  readonly onBoard: (board: Board | null) => void;
}

/** The drawing surface. Creates a board while it is shown; CSS sets its size, the board paints it. */
export function Surface({ board, onBoard }: Props): JSX.Element {
  const surface = useRef<HTMLDivElement>(null);
  const firm = useRef<HTMLCanvasElement>(null);
  const soft = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!surface.current || !firm.current || !soft.current) return;
    const made = new Board(surface.current, firm.current, soft.current);
    onBoard(made);
    return () => {
      made.destroy();
      onBoard(null);
    };
  }, []);
  return (
    <>
      <div
        ref={surface}
        class={board?.editor.tool === "eraser" ? "surface surface-erasing" : "surface"}
        tabIndex={0}
        role="application"
        aria-label={t("Drawing canvas")}
        aria-describedby="canvas-help"
      >
        <canvas ref={firm} aria-hidden="true" />
        <canvas ref={soft} aria-hidden="true" />
      </div>
      <p id="canvas-help" class="visually-hidden">
        {t(
          "Draw with a mouse, pen or finger. With the keyboard, the arrow keys move the pen (Shift for large steps, Alt for small ones), the space bar puts the pen down or lifts it, and Escape discards the stroke.",
        )}
      </p>
    </>
  );
}
