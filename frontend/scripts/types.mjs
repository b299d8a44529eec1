// Writes generated/schema.ts: the types of the API's JSON, from the OpenAPI schema that Django makes of its serializers and
// of the messages of its WebSockets. It contains only types, so `npm run check` needs it but a build does not. Generated again if
// a Python source or a package has changed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FRONTEND = join(import.meta.dirname, "..");
const ROOT = join(FRONTEND, "..");
const GENERATED = join(FRONTEND, "generated");
const TYPES = join(GENERATED, "schema.ts");
const STAMP = join(GENERATED, ".sources");
const PYTHON = process.env.SKETCHFIND_PYTHON ?? join(ROOT, ".venv", "bin", "python");

const HEAD = "// Made by `npm run types`; shared/api/types.ts gives these types their names.\n";

function sources() {
  const python = ["annotation", "webapp"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".py"))
      .map((path) => join(folder, path)),
  );
  return [...python.sort(), "frontend/package-lock.json", "frontend/scripts/types.mjs"];
}

function digest() {
  const hash = createHash("sha256");
  for (const path of sources()) hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest("hex");
}

async function generate() {
  const { astToString, default: openapiTS } = await import("openapi-typescript");
  const file = join(GENERATED, "schema.json");
  const command = ["manage.py", "spectacular", "--format", "openapi-json", "--file", file];
  execFileSync(PYTHON, command, { cwd: ROOT, stdio: ["ignore", "inherit", "ignore"] });
  // The JSON that pages send and receive, without paths.
  const schema = { ...JSON.parse(readFileSync(file, "utf8")), paths: {} };
  writeFileSync(TYPES, HEAD + astToString(await openapiTS(schema, { immutable: true })));
}

mkdirSync(GENERATED, { recursive: true });
const found = digest();
if (!existsSync(TYPES) || !existsSync(STAMP) || readFileSync(STAMP, "utf8") !== found) {
  await generate();
  writeFileSync(STAMP, found);
}
