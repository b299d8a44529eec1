import { words } from "../shared/words";

/** The studio's words, as webapp/studio/templates/studio/_strings.html gives them. */
// prettier-ignore
export const STRING_KEYS = [
  "close", "problemTitle", "field", "tryAgain", "loading", "offlineTitle", "offlineText", "moreRows", "ofTotal",
  "noTasks", "live", "polling", "notLive", "all", "status", "progress", "created", "campaigns", "back", "yes", "no",
  "nothing", "changed", "runs", "run", "newRun", "queued", "running", "done", "failed", "cancelled", "cancelling",
  "compare", "compareN", "compareHint", "compareRun", "noSuchRuns", "noRunsTitle", "noRunsText", "best", "minutes",
  "pages", "newer", "older", "pageOf", "waitsForWorker", "waitsForWorkerLong", "preparing", "eta", "whatToTrain",
  "snapshot", "system", "profile", "baseModel", "liveModel", "processes", "processesHint", "note", "noteHint",
  "canGoLive", "cannotGoLive", "noSystem", "noSnapshotsTitle", "noSnapshotsText", "settings", "findSetting",
  "noSuchSetting", "nChanged", "noneChanged", "resetAll", "backTo", "required", "wantsWhole", "wantsNumber",
  "lookAtFields", "start", "starting", "resume", "runAgain", "cancelRun", "cancelSure", "cancelText",
  "cancelQueuedText", "failedTitle", "noReason", "failedText", "toLog", "stageOf", "trained", "device", "worker",
  "attempts", "asked", "ended", "becameModel", "indexUnderWay", "gateNone", "gateRunning", "gatePassed", "gateBetter",
  "gateNotWorse", "gateNotWorseText", "gateFailed", "releases", "indexAgain",
  "curves", "noCurvesYet", "noCurvesEver", "smoothing", "over", "overSteps", "overTime", "stepN", "afterTime",
  "machine", "load", "memory", "mainMemory", "log", "noLog", "onlyTrouble", "noTrouble", "pictures", "command",
  "compareRuns", "compareNone", "leaveOut", "addRun", "figures", "metric", "differences", "noDifferences", "setting",
  "trainedFor", "liveRelease", "noLive", "noLiveText", "rollBack", "model", "models", "liveSince", "photos",
  "precision", "precisionFallback", "index", "details", "gateAndLineage", "otherReleases", "noCandidates", "release", "releaseN", "gate",
  "promote", "promoteN", "history", "noHistory", "promoted", "rolledBack", "insteadOf", "theSystem", "promoteSure",
  "rollbackSure", "promoteText", "rollbackText", "reason", "reasonKept", "gateQueued", "gateBroken", "isLive",
  "gateAsk", "gateAgain", "gateNoneText", "gateRunningText", "gateBrokenText", "speaksFor", "speaksAgainst",
  "measuredOn", "againstNone", "againstRelease", "latency50", "latency95", "candidateLive", "unreadable", "trendBetter",
  "trendWorse", "trendUnclear", "candidate", "liveOne", "difference", "points", "fromTo", "canary", "canaryNone",
  "canaryText", "scoreShift", "sketch", "sameOf10", "answers", "newcomer", "productGone", "lineage", "votes", "nVotes",
  "build", "nPhotos", "notYet", "modelFromOutside", "voteN", "wentLive", "cameBack", "voteCounts", "voteCountsNot",
  "rankedAnswers", "rankedAnswersText", "noAnswers", "noModelsTitle", "noModelsText", "fromOutside", "runN", "modelN",
  "unknownModel", "indexesAndReleases", "noIndexes", "ready", "queueAndWorkers", "waitingIn", "workers", "workerName",
  "noWorkers", "doing", "alive", "silentSince", "idle", "overview", "liveFor", "runsRunning", "jobsWaiting",
  "workersAlive", "toLookAt", "nothingToLookAt", "inTraining", "nothingInTraining", "openCampaigns", "noOpenCampaigns",
  "noTrainer", "noTrainerText", "passedAndWaits", "stageDataset", "stagePublish", "stageEvaluate",
] as const;

export type StringKey = (typeof STRING_KEYS)[number];

export const t = words<StringKey>();
