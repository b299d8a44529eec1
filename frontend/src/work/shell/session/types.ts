/** The JSON of a campaign as its workers see it. */

export type Kind = "triplets" | "attributes" | "sketches";
export type Choice = "left" | "right" | "cant_tell" | "skip";

export interface Session {
  readonly done: number;
  /** How many answers this worker may give in one session; 0 without a limit. */
  readonly cap: number;
}

/** What every assignment has, whatever is asked. */
export interface Item {
  readonly id: number;
  readonly kind: Kind;
  readonly lease_expires_at: string;
  /** A worked example: its answer is judged at once and never counts. */
  readonly training: object | null;
  /** An operator's word to this worker, mostly empty. */
  readonly warning: string;
  readonly session: Session;
}

export interface Photo {
  readonly id: number;
  readonly photo_url: string;
  readonly name: string;
}

export interface Triplet extends Item {
  readonly kind: "triplets";
  readonly sketch_url: string;
  readonly left: Photo;
  readonly right: Photo;
}

export interface Feedback {
  readonly right: boolean;
  /** What would have been right: a choice, or attributes by slug. */
  readonly answer: Choice | Readonly<Record<string, boolean>>;
  readonly explanation: string;
}

/** The server has the answer. */
export interface Receipt {
  readonly receipt: string;
  readonly counted: boolean;
  readonly late: boolean;
  readonly feedback: Feedback | null;
  readonly session: Session;
}

/** How a worker stands in a campaign. */
export interface Standing {
  readonly qualified: boolean;
  readonly blocked: boolean;
  readonly block_reason: string;
}

export interface Campaign {
  readonly id: number;
  readonly slug: string;
  readonly kind: Kind;
  readonly title: string;
  readonly instructions: string;
  readonly break_every: number;
  readonly undo_steps: number;
  /** Seconds that a photo is shown before it is drawn. */
  readonly exposure_s: number;
  /** What is asked of each picture, in the page's language. */
  readonly ontology: readonly { readonly slug: string; readonly name: string }[];
}
