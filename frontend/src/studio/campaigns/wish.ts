import type { Kind } from "../../shared/api/types";

/** The tasks an operator wants, as the form holds it. */
export interface Wish {
  /** Slug of the shelf; "" for all. */
  readonly category: string;
  readonly source: "" | "import" | "visitor" | "collected";
  readonly strategy: "all" | "random" | "disagreement";
  readonly nCandidates: number;
  /** 0: as many as there are. */
  readonly nTriplets: number;
  readonly randomPercent: number;
  readonly forceTrueMatch: boolean;
}

/** What makes them: a shelf's products, or triplets of candidates. */
export function tasksBody(kind: Kind, wish: Wish): object {
  if (kind !== "triplets") return { shelf: { category: wish.category }, shuffle: true };
  return {
    candidates: {
      source: wish.source || null,
      category: wish.category,
      n_candidates: wish.nCandidates,
      force_true_match: wish.forceTrueMatch,
      plan: {
        strategy: wish.strategy,
        n_triplets: wish.strategy === "all" ? null : wish.nTriplets || null,
        random_share: wish.randomPercent / 100,
      },
    },
  };
}
