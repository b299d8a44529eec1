import type { components } from "../../../generated/schema";

/**
 * The pages' names for the API's JSON. Its content is defined once, in the server's serializers and
 * messages; `npm run types` generates `components` from them.
 */
type Schemas = components["schemas"];

/** A page of a list that counts its rows. */
export interface Page<T> {
  readonly count: number;
  readonly next?: string | null;
  readonly previous?: string | null;
  readonly results: readonly T[];
}

export type Problem = Pick<Schemas["Problem"], "title" | "status"> &
  Partial<Pick<Schemas["Problem"], "detail" | "field" | "errors">> & {
    /** From the header Retry-After. */
    readonly retry_after_s?: number;
  };

// Catalogue and search
export type Category = Schemas["CountedCategory"];
export type Product = Schemas["ProductCard"];
export type MatchWord = Schemas["MatchEnum"];
export type Hit = Schemas["Result"];
/** For similar products there are only the results. */
export type SearchBody = Pick<Schemas["SearchResponse"], "results"> & Partial<Schemas["SearchResponse"]>;
export type RecognisedName = Schemas["RecognisedName"];
export type Recognised = Schemas["Recognised"];
export type ImageSearchBody = Schemas["ImageSearchResponse"];
export type ShareRequest = Schemas["ShareRequestRequest"];
/** The content of a shared link. */
export type Share = Omit<Schemas["SharedSketch"], "url">;
export type Example = Schemas["Example"];
export type Invitation = Schemas["Invitation"];
/** What an embedded search starts with. */
export type Embed = Schemas["Embed"];
export type SocketMessage =
  Schemas["HelloMessage"] | Schemas["ResultsMessage"] | Schemas["ErrorMessage"] | Schemas["ReleaseMessage"];

// What products are recognised as, for operators
export type NameFit = Schemas["NameFit"];
export type WordsCategory = Schemas["WordsCategory"];
export type WordsProduct = Schemas["WordsProduct"];
export type WordsName = Schemas["WordsName"];

// Imports of feeds, for operators
export type FeedImport = Schemas["ImportDetail"];
export type FeedImportRow = Schemas["Import"];
export type FeedMapping = Schemas["FeedMapping"];
export type RemoteFeed = Schemas["RemoteFeed"];

// What visitors draw and open, for operators
export type Insights = Schemas["Insights"];
export type InsightsName = Schemas["InsightsName"];
export type Teaching = Schemas["Teaching"];
export type ClickSnapshot = Schemas["ClickSnapshot"];
// Retraining
export type Rule = Schemas["Rule"];
export type Rules = Schemas["Rules"];

export type InsightsCategory = Schemas["InsightsCategory"];
// Sites of others, for operators
export type SiteKey = Schemas["SiteKey"];
export type RotatedSiteKey = Schemas["RotatedSiteKey"];

// Work on campaigns
export type Kind = Schemas["CampaignKindEnum"];
export type Choice = Schemas["VoteChoiceEnum"];
export type Session = Pick<Schemas["Session"], "done" | "cap">;
/** A campaign on its workers' page. */
export type WorkCampaign = Schemas["CampaignPayload"];
export type Photo = Schemas["Side"];
export type Card = Omit<Schemas["Card"], "position" | "session"> & { readonly session: Session };
export type Feedback = Schemas["Feedback"];
export type Receipt = Omit<Schemas["Receipt"], "session"> & { readonly session: Session };
/** A worker's own view of their enrolment: what they may do now, and what they have earned. */
export type Standing = Pick<
  Schemas["Enrolment"],
  "qualified" | "blocked" | "block_reason" | "n_credited" | "standing" | "ended"
>;
export type Obstacle = Standing["standing"]["obstacle"];
export type Exposure = Pick<Schemas["Exposure"], "photo_url" | "exposure_s">;
export type Ended = Schemas["Ended"];

// Campaigns, for operators
export type CampaignStatus = Schemas["CampaignStatusEnum"];
export type Campaign = Schemas["CountedCampaign"];
/** One campaign, with what is worth a second look before it opens. */
export type CampaignFull = Schemas["CampaignDetail"];
export type CampaignSettings = Campaign["settings"];
export type Attribute = NonNullable<CampaignSettings["ontology"]>[number];
/** Counted votes per minute, or per hour of a long campaign: [ISO time, votes], oldest first. OpenAPI 3.0 has no tuples. */
export type History = readonly (readonly [string, number])[];
export type Progress = Omit<Schemas["Progress"], "history"> & { readonly history: History };
export type ProgressMessage = Pick<Schemas["ProgressMessage"], "type"> & Progress;
export type Disputed = Schemas["Disputed"];
export type Voted = Schemas["VoteRow"];
export type CampaignWorker = Schemas["WorkerRow"];
/** A share with its 95 % interval. */
export type Interval = Schemas["ShareOf"];
export type Finding = Schemas["Finding"];
/** All participants of a campaign, with what they earn and what was decided. */
export type Settle = Schemas["Settle"];
export type Participant = Schemas["Participant"];
export type Verdict = Schemas["VerdictEnum"];
export type SubmissionsMatched = Schemas["Matched"];
export type Snapshot = Schemas["Snapshot"];
export type AttributeTable = Schemas["AttributeTable"];
export type AttributeAgreement = Schemas["AttributeAgreement"];
export type AuditRow = Schemas["Audit"];
export type ConsentVersion = Schemas["ConsentVersion"];
export type TaskRow = Schemas["TaskRow"];
export type TaskRole = Schemas["TaskRoleRequest"]["role"];
export type Estimate = Schemas["Estimate"];
export type TasksAdded = Schemas["TasksAdded"];

// Own material of studies, for operators
export type StudySet = Schemas["StudySet"];
export type StudySetFull = Schemas["StudySetDetail"];
export type MaterialImport = Schemas["MaterialImport"];
export type OwnSketch = Schemas["OwnSketch"];
export type OwnPhoto = Schemas["OwnPhoto"];

// Runs
export type RunStatus = Schemas["RunStatusEnum"];
export type Run = Schemas["Run"];
export type RunFull = Schemas["RunDetail"];
export type RunGate = Schemas["RunGate"];
export type Figures = Run["latest"];
export type Picture = Schemas["Picture"];
export type StageSeries = Schemas["Series"];
export type Series = Metrics["series"];
export type Metrics = Schemas["Metrics"];
export type Log = Schemas["Log"];
export type LogLine = Schemas["LogLine"];
/** Null if the row lacks a value of its series. */
export type MetricRow = Omit<Schemas["MetricsMessage"]["rows"][number], "values"> & { readonly values: Figures };
export type FieldOption = Schemas["Field"];
export type ProfileOption = Schemas["Profile"];
export type SystemOption = Schemas["System"];
export type Options = Schemas["Options"];
export type Comparison = Schemas["Compare"];
export type Queue = Schemas["QueueState"];
export type Worker = Schemas["Worker"];
export type SnapshotName = Schemas["SnapshotName"];
export type RunMessage =
  | (Omit<Schemas["StateMessage"], "run"> & { readonly run: Run & Pick<RunFull, "gate"> })
  | Schemas["MetricsMessage"]
  | Schemas["LogMessage"];

// Models and releases
export type ModelName = Schemas["ModelName"];
export type Model = Schemas["Model"];
export type ModelFull = Schemas["ModelDetail"];
export type IndexBuild = Schemas["IndexBuild"];
export type Release = Schemas["Release"];
export type LiveRelease = Schemas["LiveRelease"];
export type Move = Schemas["Move"];
export type Measured = Schemas["Measured"];
export type GateMetric = Schemas["GateMetric"];
/** Complete once the gate is done. */
export type GateReport = Required<Schemas["GateReport"]>;
export type Gate = Schemas["Gate"] & { readonly report?: GateReport };
export type Experiment = Schemas["Experiment"];
export type Experiments = Schemas["Experiments"];
export type Canary = Schemas["Canary"];
export type CanaryExample = Schemas["CanaryExample"];
export type CanaryHit = Schemas["CanaryHit"];
export type Lineage = Schemas["ReleaseLineage"];
export type VoteLineage = Schemas["VoteLineage"];
export type CampaignName = Schemas["CampaignName"];
export type LineageSnapshot = Schemas["LineageSnapshot"];
export type LineageRun = Schemas["LineageRun"];
export type LineageModel = Schemas["LineageModel"];
export type LineageRelease = Schemas["LineageRelease"];
