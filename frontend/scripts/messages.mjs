// Updates every djangojs.po with the texts of src: adds new ones, untranslated, and removes unused ones.
// xgettext does not read TSX, so `manage.py makemessages -d djangojs` would miss a third of them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parsed, written } from "./catalogue.mjs";
import { sources, textsIn } from "./texts.mjs";

const LOCALES = new URL("../../webapp/locale/", import.meta.url);

const used = new Map([...sources().values()].flatMap(textsIn).map((found) => [found.text, found]));
for (const language of readdirSync(LOCALES)) {
  const file = new URL(`${language}/LC_MESSAGES/djangojs.po`, LOCALES);
  const { head, entries } = parsed(readFileSync(file, "utf8"));
  const known = new Map(entries.map((entry) => [entry.text, entry]));
  const next = [...used.values()].map(({ text, plural }) => {
    const entry = known.get(text);
    if (entry && entry.plural === plural) return entry;
    return {
      text,
      ...(plural === undefined ? {} : { plural }),
      forms: plural === undefined ? [""] : ["", ""],
      isFuzzy: false,
    };
  });
  writeFileSync(file, written(head, next));
  const missing = next.filter(({ forms }) => forms.includes(""));
  console.log(`${language}: ${next.length} texts, ${missing.length} to translate`);
  for (const { text } of missing) console.log(`  ${text}`);
}
