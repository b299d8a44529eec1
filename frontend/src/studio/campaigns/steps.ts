import type { CampaignStatus } from "../../shared/api/types";

export type Step = "open" | "pause" | "resume" | "close" | "archive" | "reopen";

/** The actions on a campaign, the most common first. */
const STEPS: Readonly<Record<CampaignStatus, readonly Step[]>> = {
  draft: ["open", "archive"],
  open: ["pause", "close"],
  paused: ["resume", "close"],
  closed: ["reopen", "archive"],
  archived: ["reopen"],
};

export function stepsOf(status: CampaignStatus): readonly Step[] {
  return STEPS[status];
}

/** Actions that end the campaign for its workers. */
export function isFinal(step: Step): boolean {
  return step === "close" || step === "archive";
}
