import { readJson } from "./pageData";

export type Values = Readonly<Record<string, string | number>>;
/** Translations by English text; for a counted text, by its singular, one per plural form. */
type Catalogue = Readonly<Record<string, string | readonly string[]>>;

let catalogue: Catalogue | null = null;

/**
 * A text in the page's language, with `{name}` replaced from `values`. `text` is the English text, written out as a literal:
 * the build and `make messages` collect the calls. Translations are in webapp/locale/<language>/LC_MESSAGES/djangojs.po;
 * the template tag `script_texts` adds those that a page's script uses.
 */
export function t(text: string, values: Values = {}): string {
  const found = translated(text);
  return filled(typeof found === "string" ? found : text, values);
}

/** A counted text: `one` if `n` is 1, else `many`, by the rules of the page's language. `{n}` is the number. */
export function tn(one: string, many: string, n: number, values: Values = {}): string {
  const isOne = new Intl.PluralRules(language()).select(n) === "one";
  const found = translated(one);
  const forms = typeof found === "object" ? found : [one, many];
  return filled(forms[isOne ? 0 : 1], { n: number(n), ...values });
}

/** A number formatted in the page's language. */
export function number(value: number, digits = 0): string {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(language(), format);
}

export function language(): string {
  return document.documentElement.lang || "en";
}

function translated(text: string): string | readonly string[] | undefined {
  catalogue ??= readJson<Catalogue>("texts") ?? {};
  return catalogue[text];
}

/** Fill `{name}` in a text from `values`. */
export function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
