// SPDX-License-Identifier: Apache-2.0
//
// What ajv says of each line of standard input, {"kind", "text"}: "valid", "invalid", or "no JSON",
// a line each. The schemas are those of the folder that is named first; ajv is found from the
// folder that is named second.
import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [schemas, modules] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const Ajv = require("ajv/dist/2020").default;

// Strict: a misspelt keyword of a schema is an error, not a schema that accepts everything.
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
const judges = new Map();
for (const name of readdirSync(schemas)) {
  if (name.endsWith(".schema.json")) {
    const schema = JSON.parse(readFileSync(join(schemas, name), "utf8"));
    judges.set(name.replace(".schema.json", ""), ajv.compile(schema));
  }
}

function verdict({ kind, text }) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return "no JSON";
  }
  return judges.get(kind)(value) ? "valid" : "invalid";
}

const lines = readFileSync(0, "utf8").split("\n").filter((line) => line);
for (const line of lines) {
  console.log(verdict(JSON.parse(line)));
}
