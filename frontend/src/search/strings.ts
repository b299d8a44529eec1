/** The page's words. The template renders them through gettext, so one catalogue of translations holds them all. */
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

let strings: Partial<Record<StringKey, string>> | null = null;

/** The words for `key`, `{name}` replaced from `values`. */
export function t(key: StringKey, values: Readonly<Record<string, string | number>> = {}): string {
  strings ??= readJson<Partial<Record<StringKey, string>>>("strings") ?? {};
  return (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The data of a `json_script` element; null when the page has none. */
export function readJson<T>(id: string): T | null {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as T) : null;
}

/** A number as the page's language writes it. */
export function number(value: number, digits = 0): string {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(document.documentElement.lang || "en", format);
}
