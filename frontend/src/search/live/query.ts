import type { SketchPayload } from "../../ink/payload";
import type { RecognisedName, SearchBody } from "../../shared/api/types";

/** What narrows the results of a drawing. */
export interface Filters {
  /** A category's slug. */
  readonly category: string | null;
  /** The recognised name that the visitor chose. */
  readonly name: Pick<RecognisedName, "name" | "label"> | null;
  /** Rank by shape alone, whatever is recognised. */
  readonly byShape: boolean;
  /** Words, such as "red" or "wooden clock". */
  readonly text: string;
}

export const NO_FILTERS: Filters = { category: null, name: null, byShape: false, text: "" };
export const RESULTS_WANTED = 24;
export const MAX_TEXT = 100;

/** One query to the server; a higher `seq` is newer. */
export interface Query {
  readonly seq: number;
  readonly sketch: SketchPayload;
  readonly k: number;
  readonly category: string | null;
  readonly name?: string;
  readonly by_shape?: true;
  readonly text?: string;
  /** Where clicks may be recorded. */
  readonly visit?: string;
}

/** Answer a query, or reject with ProblemError or ConnectionLost. */
export type Ask = (query: Query) => Promise<SearchBody>;

export function queryOf(seq: number, sketch: SketchPayload, { category, name, byShape, text }: Filters): Query {
  return {
    seq,
    sketch,
    k: RESULTS_WANTED,
    category,
    ...(name ? { name: name.name } : {}),
    ...(byShape ? { by_shape: true } : {}),
    ...(text ? { text } : {}),
  };
}
