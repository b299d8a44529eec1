import type { SketchPayload } from "../ink/payload";
import type { Product } from "../shared/api/client";

/** The operators' JSON of runs, models, releases and workers. */

export type RunStatus = "queued" | "running" | "done" | "failed" | "cancelled";
export type Values = Readonly<Record<string, number | null>>;
export type Setting = string | number | boolean | null | readonly unknown[];
export type Config = Readonly<Record<string, Setting>>;

export interface Snapshot {
  readonly id: number;
  readonly name: string;
  readonly format: string;
}

export interface ModelName {
  readonly id: number;
  readonly name: string;
  readonly version: string;
}

export interface Run {
  readonly id: number;
  readonly system: string;
  readonly profile: string;
  readonly status: RunStatus;
  readonly snapshot: Snapshot;
  readonly note: string;
  readonly stage: string;
  readonly step: number;
  readonly n_steps: number | null;
  /** Seconds until the stage's last step. */
  readonly eta_s: number | null;
  readonly latest: Values;
  readonly best: Values;
  readonly error: string;
  readonly attempts: number;
  readonly worker: string;
  readonly device: string;
  readonly minutes: number;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly created_by: string | null;
  readonly cancel_requested_at: string | null;
}

export interface Picture {
  readonly name: string;
  readonly url: string;
  readonly caption?: string;
}

/** The newest report of the gate on what a run trained. */
export type RunGate = Pick<Gate, "id" | "release" | "status" | "passed" | "better">;

export interface RunFull extends Run {
  readonly config: Config;
  readonly full_config: Config;
  readonly base_model: ModelName | null;
  readonly processes?: number;
  /** On the test split. */
  readonly measured?: Readonly<Record<string, unknown>>;
  readonly command: string;
  readonly stages: readonly string[];
  readonly metric_names: readonly string[];
  readonly models: readonly ModelName[];
  readonly gate: RunGate | null;
  readonly pictures: readonly Picture[];
}

export interface MetricRow {
  readonly stage: string;
  readonly step: number;
  readonly at: string;
  readonly values: Values;
}

export interface StageSeries {
  readonly step: readonly number[];
  readonly at: readonly string[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

export type Series = Readonly<Record<string, StageSeries>>;

export interface LogLine {
  readonly number: number;
  readonly at: string;
  readonly level: string;
  readonly text: string;
}

export interface Page<T> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly T[];
}

export interface FieldOption {
  readonly name: string;
  readonly type: "int" | "float" | "bool" | "text" | "choice" | "list" | "snapshot" | "snapshots";
  /** The type of a list's items. */
  readonly item: string;
  /** Whether it may be left empty. */
  readonly optional: boolean;
  readonly default: Setting;
  readonly help: string;
  readonly choices: readonly string[] | null;
}

export interface ProfileOption {
  readonly name: string;
  /** Whether what it trains can go live. */
  readonly servable: boolean;
  /** Whether it starts from a model. */
  readonly base_model: boolean;
  readonly fields: readonly FieldOption[];
}

/** What can be trained on datasets of some formats; a system that learns differently from others stands twice. */
export interface SystemOption {
  readonly name: string;
  readonly formats: readonly string[];
  readonly profiles: readonly ProfileOption[];
}

export interface Options {
  readonly systems: readonly SystemOption[];
  readonly snapshots: readonly Snapshot[];
  readonly models: readonly (ModelName & { readonly system?: string })[];
}

export interface Comparison {
  readonly runs: readonly RunFull[];
  readonly differing: readonly { readonly key: string; readonly values: Readonly<Record<string, Setting>> }[];
  readonly series: Readonly<Record<string, Series>>;
}

export interface Queue {
  readonly queues: readonly { readonly name: string; readonly waiting: number }[];
  readonly workers: readonly WorkerRow[];
}

export interface WorkerRow {
  readonly name: string;
  readonly queues: readonly string[];
  readonly alive_at: string;
  readonly doing: { readonly kind: string; readonly id: number | string } | null;
  readonly device: string;
  readonly cpu_percent: number | null;
  readonly memory_bytes: number | null;
}

/** A figure with its 95 % interval. */
export interface Measured {
  readonly value: number;
  readonly ci95?: readonly [number, number] | null;
}

export interface Model extends ModelName {
  readonly system: string;
  readonly sha256: string;
  readonly created_at: string;
  readonly created_by: string | null;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly training_run: number | null;
  /** The model that it was fine-tuned from; without an id where it is not registered here. */
  readonly tuned_from: { readonly id: number | null; readonly name?: string; readonly version?: string } | null;
}

export interface ModelFull extends Model {
  readonly indexes: readonly IndexBuild[];
  readonly releases: readonly { readonly id: number; readonly note: string; readonly created_at: string }[];
  readonly pictures: readonly Picture[];
}

export interface IndexBuild {
  readonly id: number;
  readonly status: "queued" | "running" | "ready" | "failed";
  readonly n_total: number;
  readonly n_done: number;
  readonly n_skipped: number;
  readonly n_photos: number;
  readonly sha256: string;
  /** With which numbers it was built; null where a version built it that did not record them. */
  readonly numbers: { readonly precision: string; readonly least_mean_cosine: number | null } | null;
  readonly error: string;
  readonly created_at: string;
}

export interface Release {
  readonly id: number;
  readonly model: string;
  readonly model_version_id: number;
  readonly model_sha256: string;
  readonly index_build_id: number;
  readonly index_sha256: string;
  readonly n_photos: number;
  readonly note: string;
  readonly created_at: string;
  readonly created_by: string | null;
  readonly live: boolean;
}

export interface LiveRelease {
  readonly id: number;
  /** Moves of the live pointer so far. */
  readonly number: number;
  readonly model: string;
  readonly index: string;
  readonly precision: string;
  /** Why the server that answered runs fp32 instead of int8; empty where it does not. */
  readonly fallback: string;
  readonly promoted_at: string;
  readonly n_photos: number;
}

export interface Move {
  readonly number: number;
  readonly kind: "promote" | "rollback";
  readonly release_id: number;
  readonly replaced_id: number | null;
  readonly at: string;
  readonly by: string | null;
  readonly reason: string;
}

export interface Reason {
  readonly code: string;
  readonly ok: boolean;
  readonly text: string;
}

export interface Gate {
  readonly id: number;
  readonly release: number;
  readonly against: number | null;
  readonly status: "queued" | "running" | "done" | "failed";
  readonly passed: boolean | null;
  /** Beyond chance; null where there was nothing to compare. */
  readonly better: boolean | null;
  readonly reasons: readonly Reason[];
  readonly error: string;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly report?: GateReport | null;
}

export interface GateMetric {
  readonly n: number;
  readonly candidate: Measured;
  readonly live?: Measured;
  /** Candidate less live, value by value. */
  readonly difference?: Measured;
}

interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly n: number;
}

interface IndexFacts {
  readonly n_photos: number;
  readonly n_skipped: number;
  readonly seconds: number | null;
}

export interface GateReport {
  readonly split: {
    readonly name: string;
    readonly n_sketches: number;
    readonly n_triplets: number;
    readonly n_random: number;
  };
  readonly metrics: Readonly<Record<string, GateMetric>>;
  readonly latency_ms: { readonly candidate: Times | null; readonly live: Times | null };
  readonly index: { readonly candidate: IndexFacts; readonly live?: IndexFacts };
  readonly canary: Canary;
}

export interface Canary {
  readonly n: number;
  readonly overlap_at_10?: Measured;
  readonly score_shift?: Measured;
  readonly examples: readonly CanaryExample[];
}

export interface CanaryExample {
  readonly sketch: SketchPayload;
  readonly overlap: number;
  readonly live: readonly CanaryHit[];
  readonly candidate: readonly CanaryHit[];
}

export interface CanaryHit {
  /** Null where it is no longer there. */
  readonly product: Pick<Product, "id" | "name" | "url" | "photo_url" | "thumb_url"> | null;
  readonly score: number;
}

/** What a release was made of. */
export interface Lineage {
  readonly campaigns: readonly Titled[];
  readonly n_votes: number;
  readonly snapshots: readonly FrozenSnapshot[];
  readonly runs: readonly LineageRun[];
  readonly model: LineageModel;
  readonly index_build: IndexBuild;
  readonly release: LineageRelease;
}

/** What a vote went into. */
export interface VoteLineage {
  readonly vote: {
    readonly id: number;
    readonly task: number;
    readonly choice: string;
    readonly counted: boolean;
    readonly created_at: string;
  };
  readonly campaign: Titled;
  readonly snapshots: readonly FrozenSnapshot[];
  readonly runs: readonly LineageRun[];
  readonly models: readonly LineageModel[];
  readonly releases: readonly LineageRelease[];
  readonly events: readonly {
    readonly number: number;
    readonly kind: Move["kind"];
    readonly release: number;
    readonly at: string;
    readonly reason: string;
  }[];
  readonly answers: readonly {
    readonly id: number;
    readonly release: number;
    readonly sketch: SketchPayload;
    readonly at: string;
  }[];
}

export interface Titled {
  readonly id: number;
  readonly title: string;
}

export interface FrozenSnapshot extends Snapshot {
  readonly sha256: string;
  readonly created_at: string;
}

export interface LineageRun {
  readonly id: number;
  readonly system: string;
  readonly profile: string;
  readonly status: RunStatus;
}

export interface LineageModel extends ModelName {
  readonly sha256: string;
}

export interface LineageRelease {
  readonly id: number;
  readonly model: ModelName;
  readonly note: string;
  readonly created_at: string;
}
