import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { sources } from "../scripts/texts.mjs";

const modules = new Map([...sources(), ["src/shared/texts.ts", ""]]);

/** Our modules that each module imports, including types. */
const imports = new Map(
  [...modules].map(([path, code]) => {
    const specifiers = [...code.matchAll(/(?:from|import) "(\.[^"]+)"/g)].map(([, to]) => join(dirname(path), to));
    const found = specifiers.flatMap((to) => [".ts", ".tsx"].map((ending) => normalize(to + ending)));
    return [path, found.filter((to) => modules.has(to))] as const;
  }),
);

function grouped(paths: Iterable<string>, by: (path: string) => string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const path of paths) groups.set(by(path), [...(groups.get(by(path)) ?? []), path]);
  return groups;
}

const folders = grouped([...modules.keys()], (path) => dirname(path));

/** The first import cycle found from `path`, as its modules. */
function cycleFrom(path: string, way: readonly string[], done: Set<string>): readonly string[] | null {
  if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
  if (done.has(path)) return null;
  for (const to of imports.get(path) ?? []) {
    const cycle = cycleFrom(to, [...way, path], done);
    if (cycle) return cycle;
  }
  done.add(path);
  return null;
}

describe("the style sheets of src", () => {
  it("name existing files", () => {
    const src = join(import.meta.dirname, "../src");
    const sheets = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".css"));
    const named = sheets.flatMap((sheet) => {
      const addresses = readFileSync(join(src, sheet), "utf8").matchAll(/url\("?(\.[^")]+)"?\)/g);
      return [...addresses].map(([, address]) => join(dirname(sheet), address));
    });
    expect(named).not.toEqual([]);
    expect(named.filter((path) => !existsSync(join(src, path)))).toEqual([]);
  });
});

describe("the modules of src", () => {
  it("have no import cycles", () => {
    const done = new Set<string>();
    expect([...modules.keys()].map((path) => cycleFrom(path, [], done)).filter(Boolean)).toEqual([]);
  });

  it("are at most twenty of a kind in a folder", () => {
    const counts = [...folders].flatMap(([folder, paths]) =>
      [...grouped(paths, extname)].map(([kind, those]) => [`${folder}/*${kind}`, those.length] as const),
    );
    expect(counts.filter(([, n]) => n > 20)).toEqual([]);
  });

  it("share no first word with two others of their folder", () => {
    const first = (path: string) => (/^[A-Z]?[a-z0-9]*/.exec(basename(path))?.[0] ?? "").toLowerCase();
    const shared = [...folders].flatMap(([folder, paths]) =>
      [...grouped(paths, first)].filter(([, those]) => those.length > 2).map(([word]) => `${folder}/${word}*`),
    );
    expect(shared).toEqual([]);
  });
});
