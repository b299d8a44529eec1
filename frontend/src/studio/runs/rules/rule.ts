import type { Options, Rule, Rules } from "../../../shared/api/types";
import { bodyOf, type Draft, draftOf, textOf, withProfile, withSystem } from "../form/form";

/** A rule's form: system, profile and settings as in the form of a run. */
export interface RuleDraft {
  readonly campaign: string;
  readonly minNewTriplets: number;
  readonly enabled: boolean;
  readonly autoPromote: boolean;
  readonly run: Draft;
}

/** The format of what a rule freezes. */
const FORMAT = "snapshot";

/** The options of a run on a snapshot that does not exist yet. */
export function onSnapshots(options: Options): Options {
  return { ...options, snapshots: [{ id: 0, name: "", format: FORMAT, sha256: "" }] };
}

/** A rule as in the inputs; a new one suggests fine-tuning, which takes minutes. */
export function ruleDraftOf(options: Options, campaigns: Rules["campaigns"], rule: Rule | null): RuleDraft {
  const blank = draftOf(options);
  if (!rule)
    return {
      campaign: String(campaigns[0]?.id ?? ""),
      minNewTriplets: 200,
      enabled: true,
      autoPromote: false,
      run: withProfile(blank, options, suggested(options, blank)),
    };
  const run = withProfile(withSystem(blank, options, rule.system), options, rule.profile);
  const values = Object.entries(rule.config).map(([name, value]) => [name, textOf(value)] as const);
  return {
    campaign: String(rule.campaign.id),
    minNewTriplets: rule.min_new_triplets,
    enabled: rule.enabled,
    autoPromote: rule.auto_promote,
    run: { ...run, values: Object.fromEntries(values) },
  };
}

export function ruleBody(options: Options, draft: RuleDraft): object {
  const { system, profile, config } = bodyOf(options, draft.run) as Record<string, unknown>;
  return {
    campaign: Number(draft.campaign),
    min_new_triplets: draft.minNewTriplets,
    system,
    profile,
    config,
    enabled: draft.enabled,
    auto_promote: draft.autoPromote,
  };
}

function suggested(options: Options, { system, profile }: Draft): string {
  const found = options.systems.find(({ name, formats }) => name === system && formats.includes(FORMAT));
  return found?.profiles.some(({ name }) => name === "fine-tune") ? "fine-tune" : profile;
}
