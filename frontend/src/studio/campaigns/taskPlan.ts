import type { Kind } from "../../shared/api/types";

/** The tasks to create, as in the form. */
export interface TaskPlan {
  /** Slug of the category; "" for all. */
  readonly category: string;
  readonly source: "" | "import" | "visitor" | "collected";
  readonly strategy: "all" | "random" | "disagreement" | "adaptive";
  readonly nCandidates: number;
  /** 0: all of them. */
  readonly nTriplets: number;
  readonly randomPercent: number;
  /** Of "adaptive": how likely the order of a pair that nobody is asked may be wrong. */
  readonly riskPercent: number;
  readonly forceTrueMatch: boolean;
  /** Id of the attribute table that candidates are chosen by; "" for none. */
  readonly attributesFrom: string;
  readonly attributeWeight: number;
  readonly featureWeight: number;
}

/** The request body: products of a category, or triplets of candidates. */
export function tasksBody(kind: Kind, taskPlan: TaskPlan): object {
  if (kind !== "triplets") return { shelf: { category: taskPlan.category }, shuffle: true };
  return {
    candidates: {
      source: taskPlan.source || null,
      category: taskPlan.category,
      n_candidates: taskPlan.nCandidates,
      force_true_match: taskPlan.forceTrueMatch,
      attributes_from: Number(taskPlan.attributesFrom),
      ...(taskPlan.attributesFrom
        ? { weights: { attributes: taskPlan.attributeWeight, feature: taskPlan.featureWeight } }
        : {}),
      plan: planOf(taskPlan),
    },
  };
}

function planOf({ strategy, nTriplets, randomPercent, riskPercent }: TaskPlan): object {
  if (strategy === "adaptive") return { strategy, risk: riskPercent / 100 };
  return {
    strategy,
    n_triplets: strategy === "all" ? null : nTriplets || null,
    random_share: randomPercent / 100,
  };
}
