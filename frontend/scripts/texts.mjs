import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parsed } from "./catalogue.mjs";

/** @typedef {{ readonly text: string, readonly plural?: string }} Text  A text; if counted, with a plural. */

const FRONTEND = join(import.meta.dirname, "..");
/** Where `t` and `tn` are defined: for our pages, and for an element on another site's. */
const DEFINITIONS = ["src/shared/texts.ts", "src/embed/texts.ts"];
const LITERAL = String.raw`"(?:[^"\\\n]|\\.)*"`;
const CALLS = new RegExp(String.raw`\bt\(\s*(${LITERAL})|\btn\(\s*(${LITERAL}),\s*(${LITERAL})`, "g");

/**
 * Return the texts in source code: the literals in its calls of `t` and `tn`.
 * @param {string} code
 * @returns {Text[]}
 */
export function textsIn(code) {
  return [...code.matchAll(CALLS)].map(([, text, one, many]) =>
    text === undefined ? { text: JSON.parse(one), plural: JSON.parse(many) } : { text: JSON.parse(text) },
  );
}

/**
 * Return the modules of src by path, without those that define `t`.
 * @returns {Map<string, string>}
 */
export function sources() {
  const paths = readdirSync(join(FRONTEND, "src"), { recursive: true, encoding: "utf8" });
  const modules = paths
    .map((path) => join("src", path))
    .filter((path) => /\.tsx?$/.test(path) && !DEFINITIONS.includes(path));
  return new Map(modules.sort().map((path) => [path, readFileSync(join(FRONTEND, path), "utf8")]));
}

/**
 * The German texts of the embedded search, which other sites' pages load without any of ours: `import de from "virtual:embed-de"`.
 * @returns {import("vite").Plugin}
 */
export function textsOfEmbed() {
  const name = "virtual:embed-de";
  return {
    name: "texts-of-embed",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined;
      const modules = [...sources()].filter(([path]) => path.startsWith(join("src", "embed")));
      const used = new Set(modules.flatMap(([, code]) => textsIn(code)).map(({ text }) => text));
      const { entries } = parsed(readFileSync(join(FRONTEND, "../webapp/locale/de/LC_MESSAGES/djangojs.po"), "utf8"));
      const german = entries.filter(({ text }) => used.has(text)).map(({ text, forms }) => [text, forms]);
      return `export default ${JSON.stringify(Object.fromEntries(german))}`;
    },
  };
}

/**
 * Writes dist/.vite/texts.json: for each entry the texts of the modules that it loads, so that a page carries the
 * translations of its own script only.
 * @returns {import("vite").Plugin}
 */
export function textsOfEntries() {
  return {
    name: "texts-of-entries",
    apply: "build",
    generateBundle() {
      const modules = sources();
      const entries = [...this.getModuleIds()].filter((id) => this.getModuleInfo(id)?.isEntry);
      const texts = entries.map((entry) => {
        /** @type {Set<string>} */
        const loaded = new Set();
        /** @param {string} id */
        const add = (id) => {
          if (loaded.has(id)) return;
          loaded.add(id);
          const info = this.getModuleInfo(id);
          [...(info?.importedIds ?? []), ...(info?.dynamicallyImportedIds ?? [])].forEach(add);
        };
        add(entry);
        const found = [...loaded].flatMap((id) => textsIn(modules.get(relative(FRONTEND, id)) ?? ""));
        return [relative(FRONTEND, entry), [...new Set(found.map(({ text }) => text))].sort()];
      });
      this.emitFile({
        type: "asset",
        fileName: ".vite/texts.json",
        source: JSON.stringify(Object.fromEntries(texts)),
      });
    },
  };
}
