import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Board } from "../../ink/board";
import { toPayload } from "../../ink/payload";
import { Dialog } from "../../shared/controls/Dialog";
import { Surface } from "../../shared/controls/Surface";
import { Toolbar } from "../../shared/controls/Toolbar";
import { loadPrefs, type Prefs, savePrefs } from "../../shared/prefs";
import { t } from "../../shared/texts";
import { useChanges } from "../../shared/useChanges";
import { deviceClass } from "../shell/device";
import { Stopwatch } from "../shell/stopwatch";
import type { ItemProps } from "../shell/WorkPage";
import { loadDrawing, saveDrawing } from "./draft";
import type { SketchItem } from "./item";
import type { Memory } from "./memory";
import { useInkKeys } from "./useInkKeys";

/** The sheet, blank or as it was left; strokes are sent with times and pressure. */
export function Drawing({
  work,
  item,
  singleKeys,
  memory,
}: ItemProps<SketchItem> & { readonly memory: Memory }): JSX.Element {
  const [board, setBoard] = useState<Board | null>(null);
  const [prefs, setPrefs] = useState<Prefs>(loadPrefs);
  const [asking, setAsking] = useState<"skip" | "look" | null>(null);
  const watch = useMemo(() => new Stopwatch(), []);
  useEffect(() => watch.restart(), []);
  useChanges(
    (redraw) =>
      board
        ? [
            board.editor.events.on("drawing", redraw),
            board.editor.events.on("view", redraw),
            board.events.on("pen", redraw),
          ]
        : [],
    [board],
  );
  useEffect(() => {
    if (!board) return;
    const { editor } = board;
    const draft = loadDrawing(work.sheets, item.id);
    if (draft && draft.length > 0) editor.restore(draft);
    return editor.events.on("drawing", () => saveDrawing(work.sheets, item.id, editor.drawing));
  }, [board]);
  useEffect(() => {
    if (!board) return;
    board.gestures.fingerDraws = prefs.fingerDraws;
    if (board.editor.brush !== prefs.brush) board.editor.brush = prefs.brush;
  }, [board, prefs]);
  useInkKeys(board, singleKeys);
  const change = (next: Prefs) => {
    setPrefs(next);
    savePrefs(next);
  };
  const more = () => ({ response_ms: watch.ms, device_class: deviceClass() });
  const hasInk = board !== null && board.editor.drawing.length > 0;
  const send = () => {
    if (!board || !hasInk) return;
    work.answer(item, "sketch", { sketch: toPayload(board.editor.drawing), ...more() });
    work.sheets.drop(item.id);
  };
  const giveUp = () => {
    work.answer(item, "sketch", { cant: true, ...more() });
    work.sheets.drop(item.id);
  };
  return (
    <>
      <h1 class="judge-question">{t("Now draw it from memory")}</h1>
      <div class="collect-desk">
        <div class="sheet">
          {!hasInk && (
            <p class="collect-hint quiet" aria-hidden="true">
              {t("A few simple lines are enough. It does not have to look good.")}
            </p>
          )}
          <Surface board={board} onBoard={setBoard} />
        </div>
        <Toolbar
          board={board}
          onBrush={(brush) => change({ ...prefs, brush })}
          fingerDraws={prefs.fingerDraws}
          onFingerDraws={(fingerDraws) => change({ ...prefs, fingerDraws })}
        />
      </div>
      <div class="collect-actions">
        <button type="button" class="quiet-action" onClick={() => setAsking("skip")}>
          {t("I can’t draw this")}
        </button>
        <button type="button" class="quiet-action" onClick={() => setAsking("look")}>
          {t("Look again")}
        </button>
        <button
          type="button"
          class="action action-main"
          aria-disabled={!hasInk}
          title={hasInk ? "" : t("Draw something first.")}
          onClick={send}
        >
          {t("Submit drawing")}
        </button>
      </div>
      {asking === "skip" && (
        <Dialog title={t("Skip this one?")} onClose={() => setAsking(null)}>
          <p>{t("That’s fine: it tells us this product is hard to remember.")}</p>
          <button type="button" class="action action-main" onClick={giveUp}>
            {t("Skip")}
          </button>
        </Dialog>
      )}
      {asking === "look" && (
        <Dialog title={t("Look at the photo again?")} onClose={() => setAsking(null)}>
          <p>
            {t(
              "The photo is shown for another {n} seconds, and your drawing is kept. That you looked again is recorded.",
              {
                n: work.campaign.exposure_s,
              },
            )}
          </p>
          <button type="button" class="action action-main" onClick={() => void memory.look()}>
            {t("Show photo again")}
          </button>
        </Dialog>
      )}
    </>
  );
}
