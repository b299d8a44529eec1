import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { FieldOption, Options, Run, RunFull } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { Group, NumberField, SelectField, TextField } from "../../kit/fields";
import { useLoad } from "../../kit/hooks/load";
import { useSend } from "../../kit/hooks/send";
import { decimal, duration } from "../../kit/figures";
import { Await, Trouble } from "../../kit/States";
import { estimateOf } from "./estimate";
import {
  bodyOf,
  type Complaint,
  complaintsOf,
  type Draft,
  draftOf,
  fieldsOf,
  isChanged,
  profileOf,
  refusalsOf,
  shown,
  systemsFor,
  withProfile,
  withSnapshot,
  withSystem,
} from "./form";
import { SettingField } from "./SettingField";
import { snapshotOptions } from "../../kit/options";

/** The most frequently changed settings, in this order, before the others. */
const FIRST = ["steps", "batch_size", "learning_rate", "seed"];

interface Props {
  /** The run whose settings pre-fill the form. */
  readonly like: number | null;
  /** The snapshot that is pre-selected. */
  readonly snapshot: number | null;
}

export function RunForm({ like, snapshot }: Props): JSX.Element {
  const [state, again] = useLoad(async () => {
    const asked = like === null ? null : api<RunFull>(`runs/${like}/`);
    return { options: await api<Options>("runs/options/"), like: await asked };
  });
  return (
    <>
      <div class="page-head">
        <h1>{t("New run")}</h1>
      </div>
      <Await state={state} onAgain={again} rows={8}>
        {(data) => (data.options.snapshots.length === 0 ? <NoData /> : <Fields {...data} snapshot={snapshot} />)}
      </Await>
    </>
  );
}

/** What is wrong with an input, in words. */
export function complaintText(complaint: Complaint): string {
  return {
    required: t("This field is required."),
    wantsWhole: t("Enter a whole number."),
    wantsNumber: t("Enter a number, such as 0.001."),
  }[complaint];
}

function NoData(): JSX.Element {
  return (
    <div class="blank">
      <h2>{t("No training data")}</h2>
      <p>{t("Freeze a campaign’s answers as a snapshot, or register a dataset with the command dataset_register.")}</p>
      <p class="blank-actions">
        <a class="action action-main" href="/studio/campaigns/">
          {t("Campaigns")}
        </a>
      </p>
    </div>
  );
}

interface FieldsProps {
  readonly options: Options;
  readonly like: RunFull | null;
  readonly snapshot: number | null;
}

function Fields({ options, like, snapshot }: FieldsProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(() => draftOf(options, like, snapshot));
  const [wanted, setWanted] = useState("");
  const [tries, setTries] = useState(0);
  const { isBusy, trouble, send } = useSend();
  const problem = trouble && trouble !== "offline" ? trouble : null;
  const refusals = useMemo(() => refusalsOf(problem), [problem]);
  const complaints = complaintsOf(options, draft);
  const profile = profileOf(options, draft);
  const fields = sorted(fieldsOf(options, draft));
  const isNamed = Object.keys(refusals).some((name) => name in NAMES || fields.some((field) => field.name === name));
  const found = fields.filter(({ name, help }) =>
    `${name} ${help}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  const nChanged = fields.filter((field) => isChanged(draft, field)).length;

  // After an error the first invalid input gets focus.
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [tries]);
  const start = async () => {
    if (Object.keys(complaints).length === 0) {
      await send(async () => {
        const run = await api<Run>("runs/", bodyOf(options, draft));
        location.assign(`/studio/runs/${run.id}/`);
      });
    }
    setWanted("");
    setTries((count) => count + 1);
  };
  const errorOf = (field: FieldOption) => {
    const complaint = complaints[field.name];
    return complaint ? complaintText(complaint) : refusals[field.name];
  };
  return (
    <form
      ref={form}
      class="form run-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <Group title={t("Training")} isGrid>
        <SelectField
          label={t("Snapshot")}
          value={draft.snapshot}
          error={refusals.snapshot}
          options={snapshotOptions(options.snapshots, ({ name, format }) => `${name} (${format})`)}
          onChange={(snapshot) => setDraft(withSnapshot(draft, options, snapshot))}
        />
        <SelectField
          label={t("System")}
          hint={
            systemsFor(options, draft.snapshot).length === 0 ? t("No system supports data in this format.") : undefined
          }
          value={draft.system}
          error={refusals.system}
          options={systemsFor(options, draft.snapshot).map(({ name }) => [name, name])}
          onChange={(system) => setDraft(withSystem(draft, options, system))}
        />
        <SelectField
          label={t("Profile")}
          hint={
            profile
              ? profile.servable
                ? t("The model can go live.")
                : t("For research: the model is evaluated but cannot go live.")
              : undefined
          }
          value={draft.profile}
          error={refusals.profile}
          options={profileOptions(options, profilesOf(options, draft))}
          onChange={(name) => setDraft(withProfile(draft, options, name))}
        />
        {profile?.base_model && (
          <SelectField
            label={t("Base model")}
            value={draft.baseModel}
            error={refusals.base_model}
            options={[["", t("the live model")], ...modelsOf(options)]}
            onChange={(baseModel) => setDraft({ ...draft, baseModel })}
          />
        )}
        <NumberField
          label={t("Processes")}
          hint={t("With more than one, training is distributed, one process per device.")}
          value={draft.processes}
          min={1}
          max={64}
          error={refusals.processes}
          onInput={(processes) => setDraft({ ...draft, processes })}
        />
        <TextField
          label={t("Note")}
          hint={t("What this run is for.")}
          value={draft.note}
          max={200}
          error={refusals.note}
          onInput={(note) => setDraft({ ...draft, note })}
        />
      </Group>
      <Group title={t("Settings")}>
        <div class="form-row settings-head">
          <label class="settings-find">
            <span class="visually-hidden">{t("Find a setting")}</span>
            <input
              class="field"
              type="search"
              placeholder={t("Find a setting")}
              value={wanted}
              onInput={(event) => setWanted(event.currentTarget.value)}
            />
          </label>
          <span class="quiet">{nChanged > 0 ? t("{n} changed", { n: nChanged }) : t("profile defaults")}</span>
          {nChanged > 0 && (
            <button type="button" class="link" onClick={() => setDraft({ ...draft, values: {} })}>
              {t("Reset all")}
            </button>
          )}
        </div>
        <div class="form-grid settings-grid">
          {found.map((field) => (
            <SettingField
              key={field.name}
              field={field}
              value={shown(draft, field)}
              isChanged={isChanged(draft, field)}
              error={errorOf(field)}
              snapshots={options.snapshots}
              onInput={(text) => setDraft({ ...draft, values: { ...draft.values, [field.name]: text } })}
            />
          ))}
        </div>
        {found.length === 0 && <p class="quiet">{t("No matching settings.")}</p>}
      </Group>
      <EstimateNote options={options} draft={draft} />
      {trouble && !isNamed && <Trouble problem={problem} onAgain={() => void start()} />}
      {(isNamed || Object.keys(complaints).length > 0) && tries > 0 && (
        <p class="notice notice-problem" role="alert">
          {t("Not started. Please check: {names}", {
            names: [...new Set([...Object.keys(complaints), ...Object.keys(refusals)])].join(", "),
          })}
        </p>
      )}
      <p class="form-end">
        <button class="action action-main" aria-disabled={isBusy || !profile}>
          {isBusy ? t("Starting…") : t("Start")}
        </button>
        <a class="action" href="/studio/runs/">
          {t("Back")}
        </a>
      </p>
    </form>
  );
}

/** Profiles by name; those that no machine here can train are listed, but cannot be chosen. */
export function profileOptions(options: Options, names: readonly string[]): [string, string, boolean][] {
  return names.map((name) => {
    const isOff = options.unavailable_profiles.includes(name);
    return [name, isOff ? t("{name} (no GPU here)", { name }) : name, isOff];
  });
}

function EstimateNote({ options, draft }: { options: Options; draft: Draft }): JSX.Element {
  const estimate = estimateOf(options, draft);
  return (
    <p class="quiet" role="status">
      {estimate
        ? t("Takes about {time}, measured on run {id}: {step} s per step on {device}.", {
            time: duration(estimate.seconds),
            id: estimate.run,
            step: decimal(estimate.stepS, 2),
            device: estimate.device,
          })
        : t(
            "How long it takes is not known before it starts, because no run of this kind has been completed here yet.",
          )}
    </p>
  );
}

/** The form's own fields; the others are settings. */
const NAMES = { snapshot: 1, system: 1, profile: 1, base_model: 1, processes: 1, note: 1 };

function profilesOf(options: Options, draft: Draft): readonly string[] {
  const system = systemsFor(options, draft.snapshot).find(({ name }) => name === draft.system);
  return system?.profiles.map(({ name }) => name) ?? [];
}

function modelsOf({ models }: Options): [string, string][] {
  return models.map(({ id, name, version }) => [String(id), `${name} ${version} (${id})`]);
}

function sorted(fields: readonly FieldOption[]): readonly FieldOption[] {
  const rank = ({ name }: FieldOption) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return [...fields].sort((a, b) => rank(a) - rank(b));
}
