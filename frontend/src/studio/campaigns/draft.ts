import type { Attribute, Campaign, CampaignSettings, Kind } from "../../shared/api/types";
import { NO_PAY, payDraftOf, type PayDraft, payRules } from "./payment/rules";

/** A campaign's form: every field as in the inputs. */
export interface Draft extends PayDraft {
  readonly kind: Kind;
  readonly title: string;
  readonly slug: string;
  readonly instructions: string;
  readonly titleDe: string;
  readonly instructionsDe: string;
  readonly votesPerTask: number;
  readonly stopWhenDecided: boolean;
  readonly goldPercent: number;
  readonly qualificationPercent: number;
  readonly sessionCap: number;
  readonly breakEvery: number;
  readonly undoSteps: number;
  readonly leaseS: number;
  readonly exposureS: number;
  readonly ontology: string;
  /** Amounts are null if none is stated; 0 is an amount. */
  readonly costPerAnswer: number | null;
  /** No more tasks once so much has been spent. */
  readonly spendingCap: number | null;
  readonly currency: string;
  readonly access: Campaign["access"];
  readonly requiredAnswers: number;
  readonly reward: number | null;
  readonly rulesAct: boolean;
  /** Ids of campaigns whose participants are refused. */
  readonly excludeCampaigns: readonly number[];
  readonly completionCode: string;
  readonly completionUrl: string;
  /** Of the published data. */
  readonly licence: string;
  readonly endings: Readonly<Record<EndingName, { readonly code: string; readonly url: string }>>;
}

/** The endings other than finishing. */
export const ENDINGS = ["screened_out", "ended_early", "blocked", "refused"] as const;
export type EndingName = (typeof ENDINGS)[number];
const NOWHERE = { code: "", url: "" };

export const NEW: Draft = {
  ...NO_PAY,
  kind: "triplets",
  title: "",
  slug: "",
  instructions: "",
  titleDe: "",
  instructionsDe: "",
  votesPerTask: 3,
  stopWhenDecided: true,
  goldPercent: 0,
  qualificationPercent: 0,
  sessionCap: 0,
  breakEvery: 50,
  undoSteps: 3,
  leaseS: 180,
  exposureS: 15,
  ontology: "",
  costPerAnswer: null,
  spendingCap: null,
  currency: "EUR",
  access: "open",
  requiredAnswers: 0,
  reward: null,
  rulesAct: false,
  excludeCampaigns: [],
  completionCode: "",
  completionUrl: "",
  licence: "",
  endings: { screened_out: NOWHERE, ended_early: NOWHERE, blocked: NOWHERE, refused: NOWHERE },
};

export function draftOf(campaign: Campaign): Draft {
  const { settings } = campaign;
  return {
    ...NEW,
    kind: campaign.kind,
    title: campaign.title,
    slug: campaign.slug,
    instructions: campaign.instructions,
    titleDe: settings.translations?.de?.title ?? "",
    instructionsDe: settings.translations?.de?.instructions ?? "",
    votesPerTask: campaign.votes_per_task,
    stopWhenDecided: campaign.stop_when_decided,
    goldPercent: Math.round(campaign.gold_share * 100),
    qualificationPercent: Math.round(campaign.qualification_share * 100),
    sessionCap: campaign.session_cap,
    breakEvery: campaign.break_every,
    undoSteps: campaign.undo_steps,
    leaseS: campaign.lease_s,
    exposureS: settings.exposure_s ?? NEW.exposureS,
    ontology: (settings.ontology ?? []).map(lineOf).join("\n"),
    costPerAnswer: settings.cost_per_answer ?? null,
    spendingCap: settings.spending_cap ?? null,
    currency: settings.currency ?? NEW.currency,
    access: campaign.access,
    requiredAnswers: campaign.required_answers,
    reward: settings.reward ?? null,
    ...payDraftOf(settings),
    rulesAct: settings.rules_act ?? false,
    excludeCampaigns: settings.exclude_campaigns ?? [],
    completionCode: campaign.completion_code,
    completionUrl: settings.completion_url ?? "",
    licence: settings.licence ?? "",
    endings: endingsOf((name) => ({ ...NOWHERE, ...settings.endings?.[name] })),
  };
}

/** The request body; `settings` that the form does not know are kept. */
export function bodyOf(draft: Draft, before: CampaignSettings = {}): object {
  const { de: _, ...others } = before.translations ?? {};
  const german = {
    ...(draft.titleDe ? { title: draft.titleDe } : {}),
    ...(draft.instructionsDe ? { instructions: draft.instructionsDe } : {}),
  };
  const translations = Object.keys(german).length > 0 ? { ...others, de: german } : others;
  const {
    reward: _reward,
    partial_pay: _partial,
    bonus: _bonus,
    endings: _endings,
    rules_act: _act,
    exclude_campaigns: _excluded,
    licence: _licence,
    cost_per_answer: _cost,
    spending_cap: _cap,
    ...kept
  } = before;
  const endings = statedEndings(draft.endings);
  return {
    kind: draft.kind,
    title: draft.title.trim(),
    slug: draft.slug || slugOf(draft.title),
    instructions: draft.instructions,
    votes_per_task: draft.votesPerTask,
    stop_when_decided: draft.stopWhenDecided,
    gold_share: draft.goldPercent / 100,
    qualification_share: draft.qualificationPercent / 100,
    access: draft.access,
    required_answers: draft.requiredAnswers,
    session_cap: draft.sessionCap,
    break_every: draft.breakEvery,
    undo_steps: draft.undoSteps,
    lease_s: draft.leaseS,
    completion_code: draft.completionCode.trim(),
    settings: {
      ...kept,
      ...(draft.kind === "sketches" ? { exposure_s: draft.exposureS } : {}),
      ...(draft.kind === "attributes" ? { ontology: ontologyOf(draft.ontology) } : {}),
      ...(draft.costPerAnswer === null ? {} : { cost_per_answer: draft.costPerAnswer }),
      ...(draft.spendingCap === null ? {} : { spending_cap: draft.spendingCap }),
      currency: draft.currency.trim().toUpperCase(),
      ...(draft.reward === null ? {} : { reward: draft.reward }),
      ...payRules(draft),
      ...(draft.rulesAct ? { rules_act: true } : {}),
      ...(draft.excludeCampaigns.length > 0 ? { exclude_campaigns: draft.excludeCampaigns } : {}),
      completion_url: draft.completionUrl.trim(),
      ...(draft.licence.trim() ? { licence: draft.licence.trim() } : {}),
      ...(Object.keys(endings).length > 0 ? { endings } : {}),
      translations,
    },
  };
}

/** Codes and URLs of endings, as far as there are any. */
function statedEndings(endings: Draft["endings"]): object {
  const stated = ENDINGS.map(
    (name) => [name, { code: endings[name].code.trim(), url: endings[name].url.trim() }] as const,
  );
  return Object.fromEntries(stated.filter(([, { code, url }]) => code || url));
}

function endingsOf(of: (name: EndingName) => Draft["endings"][EndingName]): Draft["endings"] {
  return {
    screened_out: of("screened_out"),
    ended_early: of("ended_early"),
    blocked: of("blocked"),
    refused: of("refused"),
  };
}

/** "Stuhl: hohe Lehne" -> "stuhl-hohe-lehne". */
export function slugOf(title: string): string {
  const plain = title.replace(/ß/g, "ss").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 80);
}

/** One attribute per line: "High back" or "High back / Hohe Lehne", prefixed with "high-back:" to fix its slug. */
export function ontologyOf(text: string): Attribute[] {
  const found: Attribute[] = [];
  for (const line of text.split("\n")) {
    const [, key, names] = /^\s*(?:([a-z0-9-]+):)?(.*)$/.exec(line) ?? [];
    const [en, de] = (names ?? "").split("/").map((name) => name.trim());
    if (en) found.push({ slug: key ?? slugOf(en), en, ...(de ? { de } : {}) });
  }
  return found;
}

function lineOf({ slug, en, de }: Attribute): string {
  const names = de ? `${en} / ${de}` : en;
  return slug === slugOf(en) ? names : `${slug}: ${names}`;
}
