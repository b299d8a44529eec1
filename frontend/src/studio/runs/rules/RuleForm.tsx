import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { api, patch } from "../../../shared/api/client";
import type { Options, Rule, Rules } from "../../../shared/api/types";
import { Switch } from "../../../shared/controls/Switch";
import { t } from "../../../shared/texts";
import { Group, NumberField, SelectField } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import {
  complaintsOf,
  fieldsOf,
  isChanged,
  refusalsOf,
  shown,
  systemsFor,
  withProfile,
  withSystem,
} from "../form/form";
import { complaintText, profileOptions } from "../form/RunForm";
import { SettingField } from "../form/SettingField";
import { onSnapshots, type RuleDraft, ruleBody, ruleDraftOf } from "./rule";
import { campaignOptions } from "../../kit/options";

interface Props {
  /** The rule to change; null for a new one. */
  readonly rule: Rule | null;
  readonly options: Options;
  readonly campaigns: Rules["campaigns"];
  readonly onDone: () => void;
  readonly onBack: () => void;
}

/** A retrain rule, with the systems' own lists of profiles and settings. */
export function RuleForm({ rule, options: all, campaigns, onDone, onBack }: Props): JSX.Element {
  const options = useMemo(() => onSnapshots(all), [all]);
  const offered =
    rule && !campaigns.some(({ id }) => id === rule.campaign.id) ? [rule.campaign, ...campaigns] : campaigns;
  const [draft, setDraft] = useState<RuleDraft>(() => ruleDraftOf(options, offered, rule));
  const { isBusy, trouble, send } = useSend();
  const problem = trouble && trouble !== "offline" ? trouble : null;
  const refusals = useMemo(() => refusalsOf(problem), [problem]);
  const { run } = draft;
  const complaints = complaintsOf(options, run);
  const set = (change: Partial<RuleDraft>) => setDraft({ ...draft, ...change });
  const save = () =>
    void send(async () => {
      const body = ruleBody(options, draft);
      await (rule ? patch(`rules/${rule.id}/`, body) : api("rules/", body));
      onDone();
    });
  const profiles = systemsFor(options, run.snapshot).find(({ name }) => name === run.system)?.profiles ?? [];
  return (
    <form
      class="form run-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (Object.keys(complaints).length === 0) save();
      }}
    >
      <Group title={rule ? t("Change rule") : t("New rule")} isGrid>
        <SelectField
          label={t("Campaign")}
          hint={t("Only campaigns of triplets can retrain a model.")}
          value={draft.campaign}
          error={refusals.campaign}
          options={campaignOptions(offered)}
          onChange={(campaign) => set({ campaign })}
        />
        <NumberField
          label={t("New triplets")}
          hint={t("A run starts with this many triplets decided since the last one.")}
          value={draft.minNewTriplets}
          min={1}
          error={refusals.min_new_triplets}
          onInput={(minNewTriplets) => set({ minNewTriplets })}
        />
        <SelectField
          label={t("System")}
          value={run.system}
          error={refusals.system}
          options={systemsFor(options, run.snapshot).map(({ name }) => [name, name])}
          onChange={(system) => set({ run: withSystem(run, options, system) })}
        />
        <SelectField
          label={t("Profile")}
          value={run.profile}
          error={refusals.profile}
          options={profileOptions(
            options,
            profiles.map(({ name }) => name),
          )}
          onChange={(profile) => set({ run: withProfile(run, options, profile) })}
        />
        <Switch
          label={t("On")}
          hint={t("A rule that is off keeps counting, but starts nothing.")}
          checked={draft.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        <Switch
          label={t("Promote by itself")}
          hint={t("Only if the gate finds the model better, beyond chance.")}
          checked={draft.autoPromote}
          onChange={(autoPromote) => set({ autoPromote })}
        />
      </Group>
      <Group title={t("Settings")}>
        <div class="form-grid settings-grid">
          {fieldsOf(options, run).map((field) => (
            <SettingField
              key={field.name}
              field={field}
              value={shown(run, field)}
              isChanged={isChanged(run, field)}
              error={complaints[field.name] ? complaintText(complaints[field.name]) : refusals[field.name]}
              snapshots={all.snapshots}
              onInput={(text) => set({ run: { ...run, values: { ...run.values, [field.name]: text } } })}
            />
          ))}
        </div>
      </Group>
      {trouble && <Trouble problem={problem} onAgain={save} />}
      <p class="form-end">
        <button class="action action-main" aria-disabled={isBusy}>
          {isBusy ? t("Saving…") : t("Save")}
        </button>
        <button type="button" class="action" onClick={onBack}>
          {t("Back")}
        </button>
      </p>
    </form>
  );
}
