import type { SketchPayload } from "../../ink/payload";
import type { SearchBody } from "../../shared/api/types";

/** One question to the server; a higher `seq` is a newer one. */
export interface Query {
  readonly seq: number;
  readonly sketch: SketchPayload;
  readonly k: number;
  readonly category: string | null;
}

/** Answers a query or rejects with ProblemError or ConnectionLost. */
export type Ask = (query: Query) => Promise<SearchBody>;

export const RESULTS_WANTED = 24;
