import { useEffect, useState } from "preact/hooks";
import type { Board } from "../ink/board";
import type { Finder } from "./live/finder";
import { t } from "./strings";

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
        board.events.on("keyboard", (what) => setNews(strokeNews(t(what), board))),
        board.events.on("pen", () => setNews(t("penSeen"))),
        board.editor.events.on("drawing", ({ reason }) => {
          if (reason === "clear") setNews(t("cleared"));
          if (reason === "restore" && board.editor.drawing.length > 0) setNews(t("restored"));
          if (reason === "undo" || reason === "redo") setNews(strokeNews(t(reason), board));
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

function strokeNews(what: string, board: Board): string {
  return `${what}. ${t("ofStrokes", { n: board.editor.drawing.length })}`;
}

function summary({ body }: Finder): string {
  const best = body?.results[0];
  if (!body || !best) return t("noResults");
  const count = body.results.length === 1 ? t("resultsOne") : t("results", { n: body.results.length });
  const start = body.nothing_close ? t("nothingClose") : count;
  return `${start} ${t("bestMatch", { name: best.product.name, match: t(best.match) })}`;
}
