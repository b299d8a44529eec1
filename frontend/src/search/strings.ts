import { words } from "../shared/words";

export { number, readJson } from "../shared/words";

/** The draw page's words, as webapp/templates/search/_strings.html gives them. */
// prettier-ignore
export const STRING_KEYS = [
  "canvas", "canvasHelp", "invite", "inviteHint",
  "pen", "eraser", "width", "undo", "redo", "clear", "fit", "tracing", "stopTracing",
  "upload", "share", "replay", "skip", "replaying", "settings", "drop",
  "penDown", "penUp", "erased", "dropped", "cleared", "restored", "penSeen", "ofStrokes",
  "examples", "example", "emptyTitle", "emptyText", "loading",
  "filter", "allCategories", "results", "resultsOne", "bestMatch", "noResults",
  "strong", "fair", "weak", "folded", "foldedTitle",
  "nothingClose", "nothingCloseHint",
  "byPhoto", "bySketchImage", "asPhoto", "asSketch", "similarTo", "backToDrawing",
  "why", "whyTitle", "whyText", "whyLayers", "photo", "edges", "yourSketch", "similar", "drawOnTop", "openProduct", "score", "bitsApart",
  "details", "raster", "encode", "search", "total", "shortlist", "shortlistOf", "hammingTime", "rerank", "code", "codeBits", "release", "connection", "overSocket", "overRest",
  "offlineTitle", "offlineText", "limitedTitle", "limitedText", "problemTitle", "field", "tryAgain",
  "shareTitle", "shareText", "shareLink", "copy", "copied", "send", "sharing", "close",
  "settingsTitle", "singleKeys", "singleKeysHint", "fingerDraws", "fingerDrawsHint", "shortcuts", "keyDraw", "keyDrop", "keyWidth", "keyTouchUndo", "keyTouchRedo", "keyTouchPan",
] as const;

export type StringKey = (typeof STRING_KEYS)[number];

export const t = words<StringKey>();
