import { words } from "../../shared/words";

/** The workers' words, as annotation/templates/annotation/_work_strings.html gives them to all three kinds of pages. */
// prettier-ignore
export const STRING_KEYS = [
  "close", "problemTitle", "field", "tryAgain",
  "canvas", "canvasHelp", "pen", "eraser", "width", "undo", "redo", "clear", "fingerDraws",
  "consent", "begin", "panelPreview", "loading", "awayTitle", "awayText",
  "progress", "progressOf", "saved", "savingN", "offlineN", "refused", "undone", "answerSaved",
  "menu", "finish", "preview", "previewText",
  "question", "sketch", "left", "right", "leftNamed", "rightNamed", "cantTell", "skip", "enlarge", "undoAnswer", "swipeHint",
  "training", "checking", "rightAnswer", "goodTitle", "lookAgainTitle", "goOn",
  "breakTitle", "breakText", "keepGoing", "stopHere",
  "unqualifiedTitle", "unqualifiedText", "blockedTitle",
  "allTitle", "capTitle", "leftTitle", "finishedN", "finishedNone", "sending", "codeTitle", "codeText", "backToPanel", "copy", "copied", "lookForMore", "otherCampaigns",
  "settingsTitle", "instructions", "singleKeys", "singleKeysHint", "shortcuts", "keyTouch",
  "attributesQuestion", "yes", "no", "unsure", "submit", "answeredOf", "photoOf", "keyRows",
  "collectTitle", "collectText", "show", "remember", "secondsLeft", "draw", "drawHint", "send", "again", "cant", "cantTitle", "cantText", "cantSend", "emptySheet",
] as const;

export type StringKey = (typeof STRING_KEYS)[number];

export const t = words<StringKey>();
