import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, it } from "vitest";

const MAX_BYTES = 35 * 1024;
const ROOT = join(import.meta.dirname, "../..");

it("is one file of at most 35 KB gzipped, without a framework", async () => {
  const configFile = join(ROOT, "vite.embed.config.ts");
  const built = await build({ root: ROOT, configFile, logLevel: "error", build: { write: false } });
  const { output } = (built as Rolldown.RolldownOutput[])[0];
  expect(output.map(({ fileName }) => fileName)).toEqual(["embed.js"]);
  const { code, moduleIds } = output[0];
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(MAX_BYTES);
  expect(moduleIds.filter((id) => id.includes("preact"))).toEqual([]);
  expect(code).toContain("Zeichnen Sie, was Sie suchen");
}, 60_000);
