import { useEffect, useState } from "preact/hooks";
import type { Board } from "../ink/board";
import type { KeyboardAction } from "../ink/keyboard";
import { t, tn } from "../shared/texts";
import type { Finder } from "./live/finder";
import { matchText } from "./results/Match";

/** Results are announced once they have been stable this long. */
const SETTLE_MS = 1_000;

/** Announcements for screen readers: the keyboard's pen at once, results once they are stable. */
export function useAnnouncements(board: Board | null, finder: Finder): string {
  const [announcement, announce] = useState("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let announced: unknown = null;
    const stops = [
      finder.events.on("change", () => {
        const { body } = finder;
        if (!body || body === announced || finder.searching) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          announced = body;
          announce(summary(finder));
        }, SETTLE_MS);
      }),
    ];
    if (board) {
      stops.push(
        board.events.on("keyboard", (what) => announce(strokeText(penText(what), board))),
        board.events.on("pen", () => announce(t("Pen detected: fingers now pan the canvas."))),
        board.editor.events.on("drawing", ({ reason }) => {
          if (reason === "clear") announce(t("Canvas cleared. Undo restores the drawing."));
          if (reason === "restore" && board.editor.drawing.length > 0)
            announce(t("Your last drawing has been restored."));
          if (reason === "undo") announce(strokeText(t("Undo"), board));
          if (reason === "redo") announce(strokeText(t("Redo"), board));
        }),
      );
    }
    return () => {
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  }, [board]);
  return announcement;
}

function penText(what: KeyboardAction): string {
  return { penDown: t("Pen down"), penUp: t("Pen up"), erased: t("Erased"), dropped: t("Stroke discarded") }[what];
}

function strokeText(what: string, board: Board): string {
  return `${what}. ${t("Strokes: {n}", { n: board.editor.drawing.length })}`;
}

function summary(finder: Finder): string {
  return [recognisedText(finder), wordsText(finder), resultsText(finder)].filter(Boolean).join(" ");
}

function recognisedText({ aside, filters, recognised }: Finder): string {
  if (aside) return "";
  if (filters.name) return t("Only {name}.", { name: filters.name.label });
  if (filters.byShape) return t("Ranked by shape alone.");
  const names = (recognised?.names ?? []).map(({ label }) => label).join(", ");
  if (!names) return "";
  return recognised?.sure ? t("Recognised: {names}.", { names }) : t("Not sure: {names}.", { names });
}

function wordsText({ aside, body }: Finder): string {
  const isUnmatched = !aside && body?.text_matches === 0;
  return isUnmatched ? t("No product matches these words; showing results for the drawing alone.") : "";
}

function resultsText({ body }: Finder): string {
  const best = body?.results[0];
  if (!body || !best) return t("No products found.");
  const count = tn("1 product", "{n} closest products", body.results.length);
  const start = body.nothing_close ? t("No close match.") : count;
  return `${start} ${t("Closest: {name}, {match}.", { name: best.product.name, match: matchText(best.match) })}`;
}
