// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { parsed } from "../../scripts/catalogue.mjs";
import { sources, textsIn } from "../../scripts/texts.mjs";

const CATALOGUE = join(import.meta.dirname, "../../../webapp/locale/de/LC_MESSAGES/djangojs.po");
const { entries } = parsed(readFileSync(CATALOGUE, "utf8"));
const german = new Map(entries.map((entry) => [entry.text, entry]));
const used = new Map([...sources().values()].flatMap(textsIn).map(({ text, plural }) => [text, plural]));

const values = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();

describe("the texts", () => {
  it("are literals where they are translated", () => {
    for (const [path, code] of sources()) {
      const calls = code.match(/\btn?\(/g)?.length ?? 0;
      expect(textsIn(code).length, `${path}: t and tn take literals in double quotes`).toBe(calls);
    }
  });

  it("are exactly those of the catalogue", () => {
    expect([...german.keys()].sort()).toEqual([...used.keys()].sort());
  });

  it("all have a German translation with the same placeholders", () => {
    for (const [text, plural] of used) {
      const entry = german.get(text);
      expect(entry?.isFuzzy, text).toBe(false);
      expect(entry?.plural, text).toBe(plural);
      expect(entry?.forms, text).toHaveLength(plural === undefined ? 1 : 2);
      for (const form of entry?.forms ?? []) {
        expect(form, text).not.toBe("");
        expect(values(text + (plural ?? "")), text).toEqual(expect.arrayContaining(values(form)));
      }
      expect(values(entry?.forms.join(" ") ?? ""), text).toEqual(values(text + (plural ?? "")));
    }
  });
});

describe("a page in German", () => {
  const texts = { "6 of {total}": "6 von {total}", "{n} task": ["{n} Aufgabe", "{n} Aufgaben"] };
  beforeEach(() => {
    vi.resetModules();
    document.documentElement.lang = "de";
    document.body.innerHTML = `<script id="texts" type="application/json">${JSON.stringify(texts)}</script>`;
  });

  it("uses the page's catalogue, and English if it has no translation", async () => {
    const { t } = await import("../../src/shared/texts");
    expect(t("6 of {total}", { total: 64 })).toBe("6 von 64");
    expect(t("{name} is missing", { name: "Stuhl" })).toBe("Stuhl is missing");
  });

  it("counts as its language does", async () => {
    const { tn } = await import("../../src/shared/texts");
    expect([0, 1, 2, 1000].map((n) => tn("{n} task", "{n} tasks", n))).toEqual([
      "0 Aufgaben",
      "1 Aufgabe",
      "2 Aufgaben",
      "1.000 Aufgaben",
    ]);
  });
});

it("counts in English without a catalogue", async () => {
  vi.resetModules();
  document.documentElement.lang = "en";
  document.body.innerHTML = "";
  const { t, tn } = await import("../../src/shared/texts");
  expect(t("{n} of {total} bits differ", { n: 6, total: 64 })).toBe("6 of 64 bits differ");
  expect(tn("1 product", "{n} closest products", 1)).toBe("1 product");
  expect(tn("1 product", "{n} closest products", 24)).toBe("24 closest products");
});
