import type { CampaignStatus, Kind } from "../../shared/api/types";
import { t } from "../../shared/texts";
import type { Step } from "./steps";

export function kindText(kind: Kind): string {
  return { triplets: t("Triplets"), attributes: t("Attributes"), sketches: t("Sketches") }[kind];
}

export function kindHint(kind: Kind): string {
  return {
    triplets: t("A sketch and two photos: which matches better?"),
    attributes: t("A picture and a list of attributes to check."),
    sketches: t("Look at a photo, then draw it from memory."),
  }[kind];
}

export function statusText(status: CampaignStatus): string {
  return {
    draft: t("Draft"),
    open: t("Open"),
    paused: t("Paused"),
    closed: t("Closed"),
    archived: t("Archived"),
  }[status];
}

/** Labels of an operator's actions on a campaign. */
export function stepText(step: Step): string {
  return {
    open: t("Open to workers"),
    pause: t("Pause"),
    resume: t("Resume"),
    close: t("Close"),
    archive: t("Archive"),
    reopen: t("Reopen"),
  }[step];
}
