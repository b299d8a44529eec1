import type { Kind } from "../../../shared/api/types";

/** The tasks to create, as in the form. */
export interface TaskPlan {
  /** Slug of the category; "" for all. */
  readonly category: string;
  /** Id of the study set whose photos are used instead of a category's, or "sketches ID"; "" for the shop's. */
  readonly photosOf: string;
  readonly source: "" | "import" | "visitor" | "collected";
  /** Id of the study set whose sketches are used; "" for any. */
  readonly studySet: string;
  /** Own ids, separated by commas, spaces or lines; "" for all. */
  readonly ownIds: string;
  /** Slug of the category of what the sketches show; "" for any. */
  readonly sketchCategory: string;
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

/** Begins the choice of a study set's sketches instead of photos. */
export const SKETCHES = "sketches ";

export const FIRST: TaskPlan = {
  category: "",
  photosOf: "",
  source: "",
  studySet: "",
  ownIds: "",
  sketchCategory: "",
  strategy: "all",
  nCandidates: 10,
  nTriplets: 0,
  randomPercent: 15,
  riskPercent: 10,
  forceTrueMatch: true,
  attributesFrom: "",
  attributeWeight: 1,
  featureWeight: 1,
};

/** The request body: products of a category or photos of a study set, or triplets of candidates. */
export function tasksBody(kind: Kind, taskPlan: TaskPlan): object {
  const photosOf = Number(taskPlan.photosOf) || null;
  const photos = { category: photosOf ? "" : taskPlan.category, photos_of: photosOf };
  const sketchesOf = taskPlan.photosOf.startsWith(SKETCHES) ? Number(taskPlan.photosOf.slice(SKETCHES.length)) : null;
  if (sketchesOf) return { shelf: { sketches_of: sketchesOf }, shuffle: true };
  if (kind !== "triplets") return { shelf: photos, shuffle: true };
  return {
    candidates: {
      source: taskPlan.source || null,
      study_set: Number(taskPlan.studySet) || null,
      own_ids: taskPlan.ownIds.split(/[\s,;]+/).filter(Boolean),
      sketch_category: taskPlan.sketchCategory,
      ...photos,
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

/** The request body of an estimate with the same tasks; null: for those that exist alone. */
export function estimateBody(kind: Kind, taskPlan: TaskPlan | null, how: object): object {
  if (!taskPlan) return { n_tasks: 0, ...how };
  const { shuffle: _, ...planned } = tasksBody(kind, taskPlan) as { shuffle?: boolean };
  return { ...planned, ...how };
}
