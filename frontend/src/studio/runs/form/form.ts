import type { FieldOption, Options, Problem, ProfileOption, RunFull, SystemOption } from "../../../shared/api/types";

/** The form of a new run: its inputs, their errors, and the request body. */
export interface Draft {
  readonly snapshot: string;
  readonly system: string;
  readonly profile: string;
  /** "" lets the server choose: the live model. */
  readonly baseModel: string;
  readonly processes: number;
  readonly note: string;
  /** The edited fields, as typed. */
  readonly values: Readonly<Record<string, string>>;
}

/** A setting in the request. */
type Setting = string | number | boolean | null | readonly unknown[];

export type Complaint = "required" | "wantsWhole" | "wantsNumber";

const EMPTY: Draft = { snapshot: "", system: "", profile: "", baseModel: "", processes: 1, note: "", values: {} };

/** A valid initial choice: the newest snapshot with a servable system; or the settings of `like`. */
export function draftOf(options: Options, like: RunFull | null = null, snapshot: number | null = null): Draft {
  if (!like) {
    const known = options.snapshots.find(({ id }) => id === snapshot) ?? options.snapshots[0];
    return withSnapshot(EMPTY, options, String(known?.id ?? ""));
  }
  const draft = {
    ...EMPTY,
    snapshot: String(like.snapshot.id),
    system: like.system,
    profile: like.profile,
    baseModel: like.base_model ? String(like.base_model.id) : "",
    processes: like.processes ?? 1,
  };
  return { ...draft, values: mapValues(like.config, textOf) };
}

/** Change the snapshot; the system stays if it can read it. */
export function withSnapshot(draft: Draft, options: Options, snapshot: string): Draft {
  const fitting = systemsFor(options, snapshot);
  const isServable = ({ profiles }: SystemOption) => profiles.some(({ servable }) => servable);
  const system = fitting.find(({ name }) => name === draft.system) ?? fitting.find(isServable) ?? fitting[0];
  return withSystem({ ...draft, snapshot }, options, system?.name ?? "");
}

/** Change the system; the profile and settings stay if it has some with the same names. */
export function withSystem(draft: Draft, options: Options, system: string): Draft {
  const profiles = systemsFor(options, draft.snapshot).find(({ name }) => name === system)?.profiles ?? [];
  const isOffered = ({ name }: ProfileOption) => !options.unavailable_profiles.includes(name);
  const profile = profiles.find(({ name }) => name === draft.profile) ?? profiles.find(isOffered) ?? profiles[0];
  return withProfile({ ...draft, system }, options, profile?.name ?? "");
}

export function withProfile(draft: Draft, options: Options, profile: string): Draft {
  const next = { ...draft, profile };
  const known = fieldsOf(options, next).map(({ name }) => name);
  const values = Object.entries(draft.values).filter(([name]) => known.includes(name));
  return { ...next, values: Object.fromEntries(values) };
}

/** The systems that can be trained on a snapshot of that format. */
export function systemsFor(options: Options, snapshot: string): readonly SystemOption[] {
  const format = options.snapshots.find(({ id }) => String(id) === snapshot)?.format;
  return options.systems.filter(({ formats }) => format !== undefined && formats.includes(format));
}

export function profileOf(options: Options, draft: Draft): ProfileOption | null {
  const system = systemsFor(options, draft.snapshot).find(({ name }) => name === draft.system);
  return system?.profiles.find(({ name }) => name === draft.profile) ?? null;
}

export function fieldsOf(options: Options, draft: Draft): readonly FieldOption[] {
  return profileOf(options, draft)?.fields ?? [];
}

/** A setting as text for its input. */
export function textOf(setting: unknown): string {
  if (setting === null || setting === undefined) return "";
  return Array.isArray(setting) ? setting.join(", ") : String(setting);
}

/** The input's text: as typed, else the profile's value. */
export function shown(draft: Draft, field: FieldOption): string {
  return draft.values[field.name] ?? textOf(field.default);
}

export function isChanged(draft: Draft, field: FieldOption): boolean {
  return shown(draft, field).trim() !== textOf(field.default);
}

/** A field's error before sending; null if it is valid. */
export function complaintOf(field: FieldOption, typed: string): Complaint | null {
  if (field.type === "list") return first(partsOf(typed).map((part) => plainComplaint(field.item, part)));
  if (typed.trim() === "") return field.optional || !["int", "float"].includes(field.type) ? null : "required";
  return plainComplaint(field.type, typed.trim());
}

/** Errors of edited fields by name. */
export function complaintsOf(options: Options, draft: Draft): Readonly<Record<string, Complaint>> {
  const found = fieldsOf(options, draft).flatMap((field) => {
    const complaint = complaintOf(field, shown(draft, field));
    return complaint ? [[field.name, complaint] as const] : [];
  });
  return Object.fromEntries(found);
}

/** The request body: settings that differ from the profile, with their types. */
export function bodyOf(options: Options, draft: Draft): object {
  const changed = fieldsOf(options, draft).filter((field) => isChanged(draft, field));
  const config = changed.map((field) => [field.name, settingOf(field, draft.values[field.name])] as const);
  const isFromModel = profileOf(options, draft)?.base_model ?? false;
  return {
    snapshot: Number(draft.snapshot),
    system: draft.system,
    profile: draft.profile,
    config: Object.fromEntries(config),
    ...(isFromModel && draft.baseModel ? { base_model: Number(draft.baseModel) } : {}),
    processes: draft.processes,
    note: draft.note.trim(),
  };
}

/** The server's errors by field: "config.steps" and "config.skip[2]" are about the inputs of `steps` and `skip`. */
export function refusalsOf(problem: Problem | null): Readonly<Record<string, string>> {
  if (!problem) return {};
  const message = problem.detail ?? problem.title;
  const errors = problem.errors ?? (problem.field ? [{ field: problem.field, message }] : []);
  return Object.fromEntries(errors.map(({ field, message }) => [field.replace(/^config\.|\[\d+\]$/g, ""), message]));
}

function plainComplaint(type: string, text: string): Complaint | null {
  if (type === "int") return /^[+-]?\d+$/.test(text) ? null : "wantsWhole";
  if (type === "float") return Number.isFinite(Number(text)) ? null : "wantsNumber";
  return null;
}

function settingOf({ type, item }: FieldOption, typed: string): Setting {
  const text = typed.trim();
  if (type === "snapshots") return partsOf(text).map(Number);
  if (type === "list") return partsOf(text).map((part) => plain(item, part));
  return text === "" ? null : plain(type === "snapshot" ? "int" : type, text);
}

function plain(type: string, text: string): string | number | boolean {
  if (type === "bool") return text === "true";
  return type === "int" || type === "float" ? Number(text) : text;
}

function partsOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function first<T>(found: readonly (T | null)[]): T | null {
  return found.find((one) => one !== null) ?? null;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
