import type { Board } from "../ink/board";
import { loadDraft, saveDraft } from "../ink/draft";
import { fitted, fromPayload, toPayload } from "../ink/payload";
import { loadSteps, saveSteps } from "../ink/steps";
import type { Share } from "../shared/api/types";
import type { Finder } from "./live/finder";
import { loadNarrowing, narrowingOf, saveNarrowing } from "./live/narrowing";

/** A touch may still become a two-finger gesture, so its start is not searched. */
const SETTLED_MS = 300;
const SAVE_AFTER_MS = 300;

/** Connect the sheet and the search: ink triggers queries, drafts are saved, a shared sketch is replayed. Return the cleanup. */
export function wire(board: Board, finder: Finder, share: Share | null, isTracing = false): () => void {
  const { editor } = board;
  const { session } = finder;
  let saving: ReturnType<typeof setTimeout> | undefined;
  let edited = share === null;
  let taking = false;
  let kept = finder.filters;

  const ask = (live: boolean) => {
    const ink = board.ink;
    if (ink.length === 0) return session.reset();
    session.submit(() => toPayload(board.ink), { live });
  };
  const save = () => {
    clearTimeout(saving);
    saving = undefined;
    if (!edited) return;
    saveDraft(editor.drawing);
    saveSteps(editor.steps);
  };
  const saveNow = () => {
    if (saving !== undefined) save();
  };

  const stops = [
    editor.events.on("drawing", ({ reason }) => {
      if (reason === "load" || reason === "restore") board.resetView();
      if (reason === "load" || editor.drawing.length === 0) finder.forgetName();
      if (!taking) {
        finder.leaveAside();
        ask(false);
      }
      if (reason === "restore") return;
      if (!edited) {
        // From now on it is the visitor's own drawing, which a reload restores.
        edited = true;
        history.replaceState(null, "", "/");
      }
      clearTimeout(saving);
      saving = setTimeout(save, SAVE_AFTER_MS);
    }),
    editor.events.on("live", () => {
      if (editor.live && editor.liveMs > SETTLED_MS) {
        finder.leaveAside();
        ask(true);
      }
    }),
    board.events.on("replay", () => {
      if (editor.drawing.length > 0) ask(board.playing);
    }),
    finder.events.on("change", () => {
      if (!edited || finder.filters === kept) return;
      kept = finder.filters;
      saveNarrowing(kept);
    }),
    finder.events.on("traced", (sketch) => {
      taking = true;
      editor.load(fitted(sketch));
      taking = false;
    }),
  ];
  addEventListener("pagehide", saveNow);
  document.addEventListener("visibilitychange", saveNow);

  if (share) {
    finder.narrow(narrowingOf(share));
    editor.restore(fromPayload(share.sketch));
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) board.play();
  } else {
    finder.narrow(loadNarrowing() ?? {});
    const steps = loadSteps() ?? { past: [], now: loadDraft() ?? [], future: [] };
    if (steps.now.length + steps.past.length + steps.future.length > 0) editor.restore(steps.now, steps);
    if (isTracing) editor.clear(); // an empty sheet over the photo; undo restores the draft
  }
  return () => {
    stops.forEach((stop) => stop());
    saveNow();
    removeEventListener("pagehide", saveNow);
    document.removeEventListener("visibilitychange", saveNow);
  };
}
