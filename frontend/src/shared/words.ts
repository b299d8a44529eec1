/**
 * A page's words. Its template renders them through gettext into `<script id="strings">`, so one catalogue of translations
 * holds them all.
 */
type Values = Readonly<Record<string, string | number>>;

let strings: Readonly<Record<string, string>> | null = null;

/** The function that gives the words for a key, `{name}` replaced from `values`. `Key` lists the keys of the page. */
export function words<Key extends string>(): (key: Key, values?: Values) => string {
  return (key, values = {}) => {
    strings ??= readJson<Record<string, string>>("strings") ?? {};
    return (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}

/** The data of a `json_script` element; null when the page has none. */
export function readJson<T>(id: string): T | null {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as T) : null;
}

/** A number as the page's language writes it. */
export function number(value: number, digits = 0): string {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(document.documentElement.lang || "en", format);
}
