import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Board } from "../ink/board";
import { centreLines } from "../ink/outline";
import { fromPayload } from "../ink/payload";
import { PAGE } from "../ink/types";
import type { Invitation, Product } from "../shared/api/types";
import { Icon } from "../shared/controls/icons";
import { Surface } from "../shared/controls/Surface";
import { t } from "../shared/texts";

interface Props {
  readonly board: Board | null;
  readonly onBoard: (board: Board | null) => void;
  readonly invitation: Invitation;
  readonly underlay: Product | null;
  readonly onStopTracing: () => void;
}

/** The sheet. CSS sets its size and background; the board paints it. */
export function Canvas({ board, onBoard, invitation, underlay, onStopTracing }: Props): JSX.Element {
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
      {isEmpty && !underlay && <Invite {...invitation} />}
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

/** An empty sheet's invitation to draw what the catalogue sells. */
function Invite({ names, sketch }: Invitation): JSX.Element {
  return (
    <div class="invite" aria-hidden="true">
      {sketch && (
        <svg class="invite-sketch" viewBox={`-20 -20 ${PAGE + 40} ${PAGE + 40}`}>
          <path d={centreLines(fromPayload(sketch))} />
        </svg>
      )}
      <p class="invite-title">{t("Draw what you are looking for")}</p>
      <p class="invite-hint">
        {names.length > 0
          ? t("such as: {names}. Results appear from the first stroke.", { names: names.join(", ") })
          : t("Results appear from the first stroke.")}
      </p>
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
