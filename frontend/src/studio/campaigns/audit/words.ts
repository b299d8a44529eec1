import { t } from "../../../shared/texts";

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
    "campaign.reopen": t("Campaign reopened"),
    "campaign.duplicate": t("Campaign duplicated"),
    "campaign.delete": t("Draft deleted"),
    "consent.write": t("Consent text saved"),
    "tasks.create": t("Tasks added"),
    "tasks.delete": t("Tasks deleted"),
    "task.role": t("Role of a task changed"),
    "candidates.create": t("Candidates chosen"),
    "votes.import": t("Votes imported"),
    "study_set.create": t("Study set created"),
    "study_set.delete": t("Study set deleted"),
    "material.import": t("Material imported"),
    "enrolment.block": t("Worker blocked"),
    "enrolment.unblock": t("Worker let work again"),
    "enrolment.warn": t("Worker warned"),
    "enrolment.consent": t("Worker agreed to a new consent text"),
    "participant.link": t("Personal link created"),
    "worker.erase": t("Worker erased"),
    "dispute.settle": t("Dispute settled"),
    "dispute.withdraw": t("Expert’s answer withdrawn"),
    "pay.decide": t("Pay decided"),
    "pay.over_cap": t("Spending cap exceeded on purpose"),
    "pay.withdraw": t("Decision about pay withdrawn"),
    "pay.submissions": t("The panel’s list read"),
    "check.over": t("Check: tasks with more counted votes than they allow"),
    "check.twice": t("Check: workers who count twice on a task"),
    "check.uncounted": t("Check: votes whose count is wrong"),
    "check.counters": t("Check: tasks whose counters differ from their votes"),
    "check.leases": t("Check: tasks whose open assignments are miscounted"),
  };
  return known[action] ?? action;
}

/** A stored name in words; one that this page does not know, as it is stored. */
export function nameText(name: string): string {
  return names()[name.replace(/^settings\./, "")] ?? name;
}

/** A stored value that is a word, such as a status. */
export function valueText(name: string, value: string): string {
  return values()[name.replace(/^settings\./, "")]?.[value] ?? value;
}

function names(): Readonly<Record<string, string>> {
  return {
    // of decisions, workers, tasks and imports
    verdict: t("Decision"),
    pay: t("Pay"),
    bonus: t("Bonus"),
    reason: t("Reason"),
    status: t("Status"),
    outcome: t("Outcome"),
    blocked: t("Blocked"),
    block_reason: t("Reason"),
    qualified: t("Qualified"),
    warning: t("Warning"),
    warnings: t("Warnings"),
    version: t("Version"),
    role: t("Role"),
    answer: t("Answer"),
    explanation: t("Explanation"),
    made: t("Added"),
    asked: t("Requested"),
    deleted: t("Deleted"),
    kept: t("Kept"),
    votes: t("Votes"),
    rows: t("Rows"),
    matched: t("Matched"),
    task: t("Task"),
    tasks: t("Tasks"),
    panel: t("Panel"),
    source: t("Source"),
    release: t("Release"),
    expires_at: t("Valid until"),
    committed: t("Spent and promised"),
    study_set: t("Study set"),
    what: t("Contents"),
    of: t("Copy of"),
    n: t("Number"),
    ids: t("Ids"),
    // of campaigns
    kind: t("Kind"),
    title: t("Title"),
    slug: t("Page URL"),
    instructions: t("Instructions"),
    language: t("Language"),
    languages: t("Languages of workers"),
    access: t("Who may join"),
    votes_per_task: t("Answers per task"),
    stop_when_decided: t("Stop when decided"),
    gold_share: t("Share of gold tasks"),
    qualification_share: t("Practice pass mark"),
    required_answers: t("Answers required for the code"),
    session_cap: t("Answers per session"),
    break_every: t("Answers between breaks"),
    lease_s: t("Time per task (s)"),
    undo_steps: t("Answers that can be undone"),
    completion_code: t("Completion code"),
    release_id: t("Release"),
    seed: t("Seed"),
    settings: t("Settings"),
    // of a campaign's settings
    ontology: t("Attributes"),
    exposure_s: t("Viewing time (s)"),
    cost_per_answer: t("Cost per answer"),
    currency: t("Currency"),
    reward: t("Pay for finishing"),
    partial_pay: t("Pay for ending early"),
    value: t("Value"),
    amount: t("Amount"),
    every: t("For every … right gold tasks"),
    above: t("Agreement of at least"),
    least: t("Comparable answers, at least"),
    rules: t("Rules"),
    rules_act: t("Rules act by themselves"),
    exclude_campaigns: t("Excluded campaigns"),
    spending_cap: t("Spending cap"),
    completion_url: t("Panel return URL"),
    endings: t("Other endings"),
    attributes_from: t("Attribute table"),
    choice: t("Choice of tasks"),
    licence: t("Licence of the data"),
    translations: t("Translations"),
    screened_out: t("screened out"),
    ended_early: t("ended early"),
    refused: t("not admitted"),
    code: t("Code"),
    url: t("URL"),
    de: t("German"),
    en: t("English"),
  };
}

function values(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const status = {
    draft: t("Draft"),
    open: t("Open"),
    paused: t("Paused"),
    closed: t("Closed"),
    archived: t("Archived"),
  };
  const answers = { a: t("Photo A"), b: t("Photo B"), tie: t("Tie"), cant_tell: t("Can’t tell") };
  return {
    status,
    verdict: { approve: t("approved"), bonus: t("paid by bonus only"), reject: t("rejected") },
    outcome: answers,
    answer: answers,
    role: { ordinary: t("ordinary"), gold: t("gold"), practice: t("practice") },
    what: { sketches: t("Sketches"), photos: t("Photos") },
    kind: {
      triplets: t("Triplets"),
      attributes: t("Attributes"),
      sketches: t("Sketches"),
      amount: t("An amount"),
      share: t("A share of the pay for finishing"),
      work: t("In proportion to the answers given"),
      gold: t("For right answers to gold tasks"),
      agreement: t("For agreement with the others"),
    },
    access: {
      open: t("Anyone"),
      panel: t("Participants of a panel, by its link"),
      invite: t("Invited people, by a personal link"),
    },
    warnings: {
      no_gold: t("no gold task"),
      no_practice: t("no practice task"),
      few_tasks: t("too few tasks for the code"),
      no_consent: t("no consent text of its own"),
    },
  };
}
