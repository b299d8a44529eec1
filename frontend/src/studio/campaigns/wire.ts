import type { Kind } from "../../work/shell/session/types";

/** The operators' JSON of a campaign. */

export type Status = "draft" | "open" | "paused" | "closed" | "archived";
export type Step = "open" | "pause" | "resume" | "close" | "archive";

export interface CampaignRow {
  readonly id: number;
  readonly slug: string;
  readonly kind: Kind;
  readonly title: string;
  readonly status: Status;
  readonly n_tasks: number;
  readonly n_decided: number;
  readonly n_votes: number;
  readonly n_workers: number;
  readonly created_at: string;
}

export interface Attribute {
  readonly slug: string;
  readonly en: string;
  readonly de?: string;
}

export interface Settings {
  readonly ontology?: readonly Attribute[];
  readonly exposure_s?: number;
  readonly cost_per_answer?: number;
  readonly currency?: string;
  readonly completion_url?: string;
  readonly translations?: Readonly<Record<string, { readonly title?: string; readonly instructions?: string }>>;
}

export interface CampaignFull extends CampaignRow {
  readonly instructions: string;
  readonly votes_per_task: number;
  readonly stop_when_decided: boolean;
  readonly gold_share: number;
  readonly qualification_share: number;
  readonly session_cap: number;
  readonly break_every: number;
  readonly undo_steps: number;
  readonly lease_s: number;
  readonly completion_code: string;
  readonly settings: Settings;
}

export interface Progress {
  readonly status: Status;
  readonly n_tasks: number;
  readonly n_decided: number;
  readonly n_exhausted: number;
  readonly n_votes: number;
  readonly n_counted: number;
  readonly votes_per_minute: number;
  readonly active_workers: number;
  readonly n_workers: number;
  readonly cost_per_decided: number | null;
  readonly currency: string;
  /** Krippendorff's alpha; null before there is enough. */
  readonly agreement: number | null;
  readonly forecast_at: string | null;
  /** Counted votes a minute, or an hour of a long campaign: [ISO time, votes], oldest first. */
  readonly history: readonly (readonly [string, number])[];
}

export interface Voted {
  readonly id: number;
  readonly worker: string;
  readonly choice: "a" | "b" | "cant_tell";
  readonly response_ms: number | null;
  readonly created_at: string;
}

export interface Candidate {
  readonly id: number;
  readonly photo_url: string;
  readonly name: string;
}

export interface Disputed {
  readonly task_id: number;
  readonly sketch_url: string;
  readonly a: Candidate;
  readonly b: Candidate;
  readonly votes: readonly Voted[];
}

export interface WorkerRow {
  readonly enrolment_id: number;
  readonly worker: string;
  readonly n_votes: number;
  readonly gold_right: number;
  readonly gold_total: number;
  /** Dawid-Skene's estimate of how often they are right. */
  readonly skill: number | null;
  readonly agreement: number | null;
  readonly left_share: number | null;
  readonly median_ms: number | null;
  readonly status: "ok" | "warned" | "blocked";
  readonly reasons: readonly string[];
}

export interface SnapshotRow {
  readonly id: number;
  readonly name: string;
  readonly sha256: string;
  readonly facts: { readonly counts: { readonly triplets: number; readonly votes: number } };
  readonly created_at: string;
}

export interface AuditRow {
  readonly id: number;
  readonly at: string;
  readonly by: string | null;
  readonly action: string;
  readonly worker: string | null;
  readonly reason: string;
}
