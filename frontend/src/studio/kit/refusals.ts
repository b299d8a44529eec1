import { createContext, type RefObject } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Problem } from "../../shared/api/types";

type Errors = ReadonlyMap<string, string>;

/** The server's errors by the name of the field that they are about. */
export const FieldErrors = createContext<Errors>(new Map());

interface Refusals {
  readonly byName: Errors;
  /** What is about no field of the form. */
  readonly rest: Problem | null;
}

const NONE: Refusals = { byName: new Map(), rest: null };

/** Places a refusal's errors at the fields of a form, and brings the first of them into view, with the focus. */
export function useRefusals(form: RefObject<HTMLFormElement | null>, trouble: Problem | "offline" | null) {
  const [refusals, setRefusals] = useState(NONE);
  const [edited, setEdited] = useState<readonly string[]>([]);
  useEffect(() => {
    setEdited([]);
    setRefusals(trouble && trouble !== "offline" ? refusalsOf(trouble, namesIn(form.current)) : NONE);
  }, [trouble]);
  useEffect(() => {
    if (trouble) showFirst(form.current);
  }, [refusals]);
  const byName = useMemo(
    () => new Map([...refusals.byName].filter(([name]) => !edited.includes(name))),
    [refusals, edited],
  );
  /** The message of a field that is being corrected goes. */
  const onInput = ({ target }: Event) => {
    const { name } = target as HTMLInputElement;
    if (byName.has(name)) setEdited((names) => [...names, name]);
  };
  return { byName, rest: refusals.rest, onInput };
}

/** Errors of `problem` by field: "settings.ontology[2]" is about "settings.ontology", "settings.bonus" about its first field. */
export function refusalsOf(problem: Problem, names: readonly string[]): Refusals {
  const byName = new Map<string, string>();
  const rest = [];
  for (const error of (problem.errors ?? []).map(nested)) {
    const name =
      names.find((one) => isWithin(error.field, one)) ??
      (error.field && names.find((one) => isWithin(one, error.field)));
    if (name) byName.set(name, [byName.get(name), error.message].filter(Boolean).join(" "));
    else rest.push(error);
  }
  if (byName.size === 0) return { byName, rest: problem };
  const [first] = rest;
  return { byName, rest: first ? { ...problem, detail: first.message, field: first.field, errors: rest } : null };
}

interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** {"field": "settings", "message": "bonus: amount: …"} as an error of "settings.bonus.amount". */
function nested({ field, message }: FieldError): FieldError {
  const [, key, more] = (field.startsWith("settings") && /^([\w.[\]]+): (.+)$/s.exec(message)) || [];
  return key && more ? nested({ field: `${field}.${key}`, message: more }) : { field, message };
}

function isWithin(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`);
}

function namesIn(form: HTMLFormElement | null): string[] {
  const inputs = [...(form?.querySelectorAll<HTMLInputElement>("[name]:not([type=radio])") ?? [])];
  return [...new Set(inputs.map(({ name }) => name))];
}

function showFirst(form: HTMLFormElement | null): void {
  const field = form?.querySelector<HTMLElement>("[aria-invalid=true]:not(:disabled)");
  for (let around = field?.closest("details"); around; around = around.parentElement?.closest("details"))
    around.open = true;
  field?.focus({ preventScroll: true });
  (field ?? form?.querySelector("[role=alert]"))?.scrollIntoView({ block: "center" });
}
