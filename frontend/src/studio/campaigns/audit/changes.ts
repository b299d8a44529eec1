import { t } from "../../../shared/texts";

/** One value that an event changed, as text. `before` is null for a fact that is no change. */
export interface Change {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What an event changed, from its facts `before` and `after`; other facts follow. */
export function changesOf(facts: unknown): readonly Change[] {
  const { before, after, ...others } = recordOf(facts);
  const [old, now] = [recordOf(before), recordOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return [
    ...names.map((name) => ({ name: nameText(name), before: textOf(old[name]), after: textOf(now[name]) })),
    ...Object.entries(others).map(([name, value]) => ({ name: nameText(name), before: null, after: textOf(value) })),
  ];
}

/** A stored name in words; one that this page does not know, such as of a setting, as it is stored. */
function nameText(name: string): string {
  const known: Readonly<Record<string, string>> = {
    verdict: t("Decision"),
    pay: t("Pay"),
    bonus: t("Bonus"),
    reason: t("Reason"),
    status: t("Status"),
    outcome: t("Outcome"),
    title: t("Title"),
    blocked: t("Blocked"),
    block_reason: t("Reason"),
    qualified: t("Qualified"),
    warning: t("Warning"),
    made: t("Added"),
    asked: t("Requested"),
    votes: t("Votes"),
    rows: t("Rows"),
    matched: t("Matched"),
    task: t("Task"),
    panel: t("Panel"),
    source: t("Source"),
    release: t("Release"),
    expires_at: t("Valid until"),
    committed: t("Spent and promised"),
    spending_cap: t("Spending cap"),
  };
  return known[name] ?? name;
}

/** Stored values that are words, such as a status. */
function valueText(value: string): string {
  const known: Readonly<Record<string, string>> = {
    approve: t("approved"),
    reject: t("rejected"),
    draft: t("Draft"),
    open: t("Open"),
    paused: t("Paused"),
    closed: t("Closed"),
    archived: t("Archived"),
  };
  return known[value] ?? value;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  if (value === undefined || value === null || value === "") return t("none");
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  return typeof value === "string" ? valueText(value) : JSON.stringify(value);
}

/** An action in words; one that this page does not know, as it is stored. */
export function actionText(action: string): string {
  const known: Readonly<Record<string, string>> = {
    "campaign.create": t("Campaign created"),
    "campaign.update": t("Settings changed"),
    "campaign.open": t("Campaign opened"),
    "campaign.pause": t("Campaign paused"),
    "campaign.resume": t("Campaign resumed"),
    "campaign.close": t("Campaign closed"),
    "campaign.archive": t("Campaign archived"),
    "tasks.create": t("Tasks added"),
    "candidates.create": t("Candidates chosen"),
    "votes.import": t("Votes imported"),
    "enrolment.block": t("Worker blocked"),
    "enrolment.unblock": t("Worker let work again"),
    "enrolment.warn": t("Worker warned"),
    "participant.link": t("Personal link created"),
    "worker.erase": t("Worker erased"),
    "dispute.settle": t("Dispute settled"),
    "dispute.withdraw": t("Expert’s answer withdrawn"),
    "pay.decide": t("Pay decided"),
    "pay.over_cap": t("Spending cap exceeded on purpose"),
    "pay.withdraw": t("Decision about pay withdrawn"),
    "pay.submissions": t("The panel’s list read"),
  };
  return known[action] ?? action;
}
