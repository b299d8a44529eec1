import type { Run } from "../../shared/api/types";
import { t } from "../../shared/texts";

/** The phases of a run, in order; every moment of it belongs to one. */
export const PHASES = ["queued", "dataset", "prepare", "train", "finish"] as const;
export type Phase = (typeof PHASES)[number];

/** The phase of a run; null once it has ended. */
export function phaseOf({ status, stage }: Pick<Run, "status" | "stage">): Phase | null {
  if (status === "queued") return "queued";
  if (status !== "running") return null;
  if (stage === "" || stage === "dataset") return "dataset";
  if (stage === "prepare") return "prepare";
  return stage === "publish" || stage === "evaluate" ? "finish" : "train";
}

export function phaseText(phase: Phase, stage = ""): string {
  return {
    queued: t("Waiting for a worker"),
    dataset: t("Fetching data"),
    prepare: t("Preparing data"),
    train: t("Training"),
    finish: stage === "publish" ? t("Publishing model") : stage === "evaluate" ? t("Evaluating") : t("Finishing"),
  }[phase];
}
