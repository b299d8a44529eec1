import { useEffect, useState } from "preact/hooks";
import type { Board } from "../ink/board";
import type { KeyboardNews } from "../ink/keyboard";
import { t, tn } from "../shared/texts";
import type { Finder } from "./live/finder";
import { matchText } from "./results/Match";

/** Results are read out once they have stood still this long. */
const SETTLE_MS = 1_000;

/** What a screen reader is told: the keyboard's pen at once, results when they settle. */
export function useNews(board: Board | null, finder: Finder): string {
  const [news, setNews] = useState("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let told: unknown = null;
    const stops = [
      finder.events.on("change", () => {
        const { body } = finder;
        if (!body || body === told || finder.searching) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          told = body;
          setNews(summary(finder));
        }, SETTLE_MS);
      }),
    ];
    if (board) {
      stops.push(
        board.events.on("keyboard", (what) => setNews(strokeNews(penText(what), board))),
        board.events.on("pen", () => setNews(t("Pen detected: fingers now pan the canvas."))),
        board.editor.events.on("drawing", ({ reason }) => {
          if (reason === "clear") setNews(t("Canvas cleared. Undo restores the drawing."));
          if (reason === "restore" && board.editor.drawing.length > 0)
            setNews(t("Your last drawing has been restored."));
          if (reason === "undo") setNews(strokeNews(t("Undo"), board));
          if (reason === "redo") setNews(strokeNews(t("Redo"), board));
        }),
      );
    }
    return () => {
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  }, [board]);
  return news;
}

function penText(what: KeyboardNews): string {
  return { penDown: t("Pen down"), penUp: t("Pen up"), erased: t("Erased"), dropped: t("Stroke discarded") }[what];
}

function strokeNews(what: string, board: Board): string {
  return `${what}. ${t("Strokes: {n}", { n: board.editor.drawing.length })}`;
}

function summary({ body }: Finder): string {
  const best = body?.results[0];
  if (!body || !best) return t("No products found.");
  const count = tn("1 product", "{n} closest products", body.results.length);
  const start = body.nothing_close ? t("No close match.") : count;
  return `${start} ${t("Closest: {name}, {match}.", { name: best.product.name, match: matchText(best.match) })}`;
}
