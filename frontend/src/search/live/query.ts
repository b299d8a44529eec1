import type { SketchPayload } from "../../ink/payload";
import type { SearchBody } from "../../shared/api/types";

/** One query to the server; a higher `seq` is newer. */
export interface Query {
  readonly seq: number;
  readonly sketch: SketchPayload;
  readonly k: number;
  readonly category: string | null;
}

/** Answer a query, or reject with ProblemError or ConnectionLost. */
export type Ask = (query: Query) => Promise<SearchBody>;

export const RESULTS_WANTED = 24;
