import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The words of a template that gives them to a script: [key, English]. */
export function wordsOf(template: string): [string, string][] {
  const found = read(template).matchAll(/"(\w+)": "\{% filter escapejs %\}\{% translate "([^"]*)" %\}/g);
  return [...found].map(([, key, word]) => [key, word]);
}

/** Tests that a template has just the words a script asks for, in German, too. */
export function itHasItsWords(template: string, keys: readonly string[]): void {
  const words = wordsOf(template);

  it("are all in the template, and no others", () => {
    expect(words.map(([key]) => key).sort()).toEqual([...keys].sort());
  });

  it("are all there in German, with the same values to fill in", () => {
    const pairs = read("webapp/locale/de/LC_MESSAGES/django.po").matchAll(
      /msgid ((?:"[^\n]*"\n)+)msgstr ((?:"[^\n]*"\n?)+)/g,
    );
    const joined = (lines: string) =>
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as string)
        .join("");
    const german = new Map([...pairs].map(([, from, to]) => [joined(from), joined(to)]));
    const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, word] of words) {
      expect(german.get(word), key).toBeTruthy();
      expect(values(german.get(word) ?? ""), key).toEqual(values(word));
    }
  });
}
