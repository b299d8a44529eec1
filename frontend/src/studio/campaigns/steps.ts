import type { CampaignStatus } from "../../shared/api/types";

export type Step = "open" | "pause" | "resume" | "close" | "archive";

/** What can be done with a campaign, the first being what one mostly wants. */
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

/** There is no way back from these. */
export function isFinal(step: Step): boolean {
  return step === "close" || step === "archive";
}
