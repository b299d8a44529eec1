import type { CampaignStatus } from "../../shared/api/types";

export type Step = "open" | "pause" | "resume" | "close" | "archive";

/** The actions on a campaign, the most common first. */
const STEPS: Readonly<Record<CampaignStatus, readonly Step[]>> = {
  draft: ["open", "archive"],
  open: ["pause", "close"],
  paused: ["resume", "close"],
  closed: ["archive"],
  archived: [],
};

export function stepsOf(status: CampaignStatus): readonly Step[] {
  return STEPS[status];
}

/** Irreversible actions. */
export function isFinal(step: Step): boolean {
  return step === "close" || step === "archive";
}
