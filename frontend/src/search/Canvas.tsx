import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Board } from "../ink/board";
import { PAGE } from "../ink/types";
import type { Product } from "../shared/api/types";
import { Icon } from "../shared/controls/icons";
import { Surface } from "../shared/controls/Surface";
import { t } from "../shared/texts";

interface Props {
  readonly board: Board | null;
  readonly onBoard: (board: Board | null) => void;
  readonly underlay: Product | null;
  readonly onStopTracing: () => void;
}

/** The sheet. CSS sets its size and background; the board paints it. */
export function Canvas({ board, onBoard, underlay, onStopTracing }: Props): JSX.Element {
  const isEmpty = !board || (board.editor.drawing.length === 0 && !board.editor.live && !board.playing);
  const { scale, x, y } = board?.editor.viewport ?? { scale: 1, x: 0, y: 0 };
  return (
    <div class="sheet">
      {underlay && (
        <img
          class="sheet-underlay"
          src={underlay.photo_url}
          alt=""
          width={PAGE}
          height={PAGE}
          style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}
        />
      )}
      {isEmpty && !underlay && (
        <div class="invite" aria-hidden="true">
          <svg class="invite-chair" viewBox="0 0 120 140">
            <path d="M34 12c-2 24-1 44 0 64m50-62c2 22 2 42 1 62M35 15c16-4 33-4 48-1M36 42c15-3 32-3 48-1M33 77c18-3 36-3 53-1l10 13c-23 4-49 4-74 1l11-13Zm-9 15c-1 14-2 26-1 40m72-42c1 14 2 27 1 41M37 92c0 10 0 20-1 29m48-29c1 10 1 19 1 28" />
          </svg>
          <p class="invite-title">{t("Draw a chair")}</p>
          <p class="invite-hint">{t("or a lamp, a sofa, a sink: results appear from the first stroke")}</p>
        </div>
      )}
      <Surface board={board} onBoard={onBoard} />
      <div class="sheet-notes">
        {underlay && (
          <button type="button" class="note" onClick={onStopTracing}>
            {t("Tracing {name}", { name: underlay.name })} <Icon name="close" />
            <span class="visually-hidden">{t("Stop tracing")}</span>
          </button>
        )}
        {board?.moved && !board.playing && (
          <button type="button" class="note" onClick={() => board.resetView()}>
            <Icon name="fit" /> {t("Zoom to fit")}
          </button>
        )}
      </div>
      {board?.playing && <ReplayBar board={board} />}
    </div>
  );
}

/** A replay's progress, and a button to skip it. */
function ReplayBar({ board }: { board: Board }): JSX.Element {
  const bar = useRef<HTMLProgressElement>(null);
  useEffect(() => {
    let frame = 0;
    const tick = () => {
      if (bar.current) bar.current.value = board.progress;
      frame = requestAnimationFrame(tick);
    };
    tick();
    return () => cancelAnimationFrame(frame);
  }, [board]);
  return (
    <div class="replay-bar">
      <progress ref={bar} max={1} aria-label={t("Replaying sketch")} />
      <button type="button" class="note" onClick={() => board.skip()}>
        {t("Skip")}
      </button>
    </div>
  );
}
