import { t } from "../../../shared/texts";
import { moment, value as figure } from "../../kit/figures";
import { nameText, valueText } from "./words";

/** One value that an event changed, as text. `before` is null for a fact that is no change. */
export interface Change {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** What an event changed, from its facts `before` and `after`; other facts follow. */
export function changesOf(facts: unknown): readonly Change[] {
  const { before, after, ...others } = recordOf(facts) ?? {};
  const [old, now] = [versionOf(before), versionOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return [
    ...names.map((name) => ({
      name: nameText(name),
      before: textOf(name, old[name]),
      after: textOf(name, now[name]),
    })),
    ...Object.entries(others)
      .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => ({ name: nameText(name), before: null, after: textOf(name, value) })),
  ];
}

/** The values before or after a change; a bare one is the number of a version. */
function versionOf(value: unknown): Readonly<Record<string, unknown>> {
  return recordOf(value) ?? (value === undefined || value === null ? {} : { version: value });
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as Record<string, unknown>;
}

function textOf(name: string, value: unknown): string {
  if (value === undefined || value === null || value === "") return t("none");
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : figure(value);
  if (typeof value === "string") return TIME.test(value) ? moment(value) : valueText(name, value);
  if (Array.isArray(value)) return value.length > 0 ? value.map((each) => textOf(name, each)).join(", ") : t("none");
  const entries = Object.entries(recordOf(value) ?? {});
  return entries.length > 0
    ? entries.map(([key, inner]) => `${nameText(key)} ${textOf(key, inner)}`).join("; ")
    : t("none");
}
