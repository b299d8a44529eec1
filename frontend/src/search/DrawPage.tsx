import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Board } from "../ink/board";
import { fromPayload, toPayload } from "../ink/payload";
import type { Category, Hit, Invitation, Product, Share } from "../shared/api/types";
import { BRUSH, Toolbar } from "../shared/controls/Toolbar";
import { loadPrefs, savePrefs, type Prefs } from "../shared/prefs";
import { actOnKey } from "../shared/shortcuts";
import { t } from "../shared/texts";
import { isTyping } from "../shared/typing";
import { useChanges } from "../shared/useChanges";
import { Actions } from "./Actions";
import { Canvas } from "./Canvas";
import type { ClickRecorder } from "./clicks/recorder";
import { SettingsDialog } from "./dialogs/SettingsDialog";
import { ShareDialog } from "./dialogs/ShareDialog";
import { WhyDialog } from "./dialogs/WhyDialog";
import { listenForImages } from "./image";
import type { Finder } from "./live/finder";
import { Results } from "./results/Results";
import { useAnnouncements } from "./useAnnouncements";
import { wire } from "./wire";

interface Props {
  readonly finder: Finder;
  readonly recorder: ClickRecorder;
  readonly categories: readonly Category[];
  readonly invitation: Invitation;
  readonly share: Share | null;
  readonly traced: Product | null;
}

type Open =
  { readonly kind: "share" } | { readonly kind: "settings" } | { readonly kind: "why"; readonly hit: Hit } | null;

/** The page: sheet and tools left, results right; on a phone the sheet stays visible above the results. */
export function DrawPage({ finder, recorder, categories, invitation, share, traced }: Props): JSX.Element {
  const [board, setBoard] = useState<Board | null>(null);
  const [prefs, setPrefs] = useState<Prefs>(loadPrefs);
  const [open, setOpen] = useState<Open>(null);
  const [underlay, setUnderlay] = useState(traced);
  const [hovering, setHovering] = useState(false);
  const latest = useRef(prefs);
  latest.current = prefs;

  const changePrefs = (next: Prefs) => {
    setPrefs(next);
    savePrefs(next);
  };
  const setBrush = (width: number) => {
    if (board) board.editor.brush = Math.min(BRUSH.max, Math.max(BRUSH.min, width));
    changePrefs({ ...latest.current, brush: board?.editor.brush ?? width });
  };
  const search = (image: File) => void finder.searchImage(image);

  useEffect(() => (board ? wire(board, finder, share, traced !== null) : undefined), [board]);
  useEffect(() => {
    if (!board) return;
    board.gestures.fingerDraws = prefs.fingerDraws;
    if (board.editor.brush !== prefs.brush) board.editor.brush = prefs.brush;
  }, [board, prefs]);
  useEffect(() => listenForImages(search, setHovering), []);
  useEffect(() => {
    if (!board) return;
    const onKey = (event: KeyboardEvent) => {
      const target = { editor: board.editor, singleKeys: latest.current.singleKeys, setBrush };
      if (!isTyping(event.target) && actOnKey(event, target)) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [board]);
  useChanges(
    (redraw) => [
      finder.events.on("change", redraw),
      recorder.events.on("change", redraw),
      ...(board ? [board.editor.events.on("drawing", redraw), board.editor.events.on("view", redraw)] : []),
      ...(board ? [board.events.on("replay", redraw), board.events.on("pen", redraw), onFirstInk(board, redraw)] : []),
    ],
    [board],
  );
  const announcement = useAnnouncements(board, finder);

  const hasInk = board !== null && board.ink.length > 0;
  return (
    <div class="draw">
      <div class="draw-left">
        <div class="desk">
          <Canvas
            board={board}
            onBoard={setBoard}
            invitation={invitation}
            underlay={underlay}
            onStopTracing={() => setUnderlay(null)}
          />
          <Toolbar
            board={board}
            onBrush={setBrush}
            fingerDraws={prefs.fingerDraws}
            onFingerDraws={(fingerDraws) => changePrefs({ ...prefs, fingerDraws })}
          />
        </div>
        <div class="desk-actions">
          <Actions
            hasInk={hasInk}
            onImage={search}
            onShare={() => setOpen({ kind: "share" })}
            onReplay={() => board?.play()}
            onSettings={() => setOpen({ kind: "settings" })}
          />
        </div>
      </div>
      <Results
        finder={finder}
        categories={categories}
        words={invitation.words}
        hasInk={hasInk}
        onWhy={(hit) => setOpen({ kind: "why", hit })}
        recorder={recorder}
        onExample={({ sketch }) => board?.editor.load(fromPayload(sketch))}
      />
      {open?.kind === "settings" && (
        <SettingsDialog prefs={prefs} recorder={recorder} onChange={changePrefs} onClose={() => setOpen(null)} />
      )}
      {open?.kind === "share" && board && (
        <ShareDialog sketch={toPayload(board.editor.drawing)} filters={finder.filters} onClose={() => setOpen(null)} />
      )}
      {open?.kind === "why" && board && (
        <WhyDialog
          hit={open.hit}
          ink={board.ink}
          onOpen={(hit) => recorder.open(hit)}
          codeLength={finder.body?.debug?.code_length}
          onSimilar={(product) => {
            setOpen(null);
            void finder.similarTo(product);
          }}
          onClose={() => setOpen(null)}
        />
      )}
      {hovering && <div class="drop">{t("Drop a photo or sketch here")}</div>}
      <p class="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </p>
    </div>
  );
}

/** Fires when a stroke starts or ends, not with each of its points. */
function onFirstInk(board: Board, redraw: () => void): () => void {
  let drawing = false;
  return board.editor.events.on("live", () => {
    const now = board.editor.live !== null;
    if (now !== drawing) redraw();
    drawing = now;
  });
}
