import { words } from "../../shared/words";

/** The operators' words, as annotation/templates/annotation/_studio_strings.html gives them. */
// prettier-ignore
export const STRING_KEYS = [
  "close", "problemTitle", "field", "tryAgain",
  "campaigns", "newCampaign", "loading", "offlineTitle", "offlineText",
  "emptyTitle", "emptyText", "all",
  "draft", "open", "paused", "closed", "archived",
  "triplets", "attributes", "sketches", "tripletsHint", "attributesHint", "sketchesHint",
  "title", "kind", "status", "progress", "votes", "workers", "created", "ofTotal",
  "stepOpen", "stepPause", "stepResume", "stepClose", "stepArchive", "closeSure", "closeSureText", "preview", "edit", "workerLink", "copied", "copy",
  "panelLink", "personalLink", "personalLinkText", "panel", "participantNumber", "createLink", "linkUntil",
  "live", "polling", "notLive",
  "decided", "votesPerMinute", "costPerDecided", "agreement", "forecast", "activeWorkers", "counted", "noMajority", "unknown", "finishedForecast",
  "alphaHint", "votesOverTime",
  "disputed", "disputedNone", "disputedHint", "moreRows", "sketch", "voteOf", "votedCantTell",
  "worker", "answers", "gold", "agreesWith", "leftShare", "speed", "standing", "ok", "warned", "blocked", "warn", "block", "unblock", "reason", "reasonHint", "workersNone",
  "noTasks", "addTasks", "addTripletsHint", "addShelfHint", "add", "madeTasks", "shelf", "allShelves", "source", "sourceAny", "source_import", "source_visitor", "source_collected",
  "nCandidates", "strategy", "strategy_all", "strategy_random", "strategy_disagreement", "nTriplets", "randomShare", "randomShareHint", "forceTrueMatch", "forceTrueMatchHint",
  "snapshot", "snapshots", "snapshotsNone", "snapshotHint", "train", "audit", "auditNone", "when", "who", "action", "skill", "aggregation", "majority", "freeze",
  "editTitle", "save", "create", "saving", "cancel",
  "basics", "slug", "slugHint", "instructions", "instructionsHint", "german", "germanHint",
  "rules", "votesPerTask", "votesPerTaskHint", "stopWhenDecided", "stopWhenDecidedHint", "goldShare", "goldShareHint", "qualificationShare", "qualificationShareHint",
  "session", "sessionCap", "breakEvery", "zeroNone", "undoSteps", "lease", "exposure", "ontology", "ontologyHint",
  "pay", "costPerAnswer", "currency", "completionCode", "completionCodeHint", "completionUrl",
] as const;

export type StringKey = (typeof STRING_KEYS)[number];

export const t = words<StringKey>();
