// SPDX-License-Identifier: Apache-2.0
// The files of one kind of the configuration as somebody is changing them: what they were, what
// they are now, upon which version. Knows nothing of pages.
import { isObject, readJson, writeJson } from "./json";
import type { JsonObject } from "./json";

export type ConfigKind = "config" | "rules" | "calendars" | "directory" | "matters" | "templates";

export interface ConfigFile {
  name: string;
  text: string;
}

export interface ConfigAnswer {
  version: number;
  at: string;
  by: string;
  note: string;
  digest: string;
  calendar: string;
  approval_needed: boolean;
  files: ConfigFile[];
}

export interface Finding {
  severity: "error" | "warning";
  code: string;
  file: string;
  line: number;
  column: number;
  path: string;
  message: string;
}

export interface ChangeLine {
  what: string;
  id: string;
  text: { zh: string; en: string };
}

/** What a file of a configuration folder is about. */
export function kindOfFile(name: string): ConfigKind {
  const folder = name.split("/")[0].replace(/\.json$/, "");
  return folder as ConfigKind;
}

/** The object a file holds, or null where its text is no JSON object. */
export function objectOf(file: ConfigFile | undefined): JsonObject | null {
  if (!file) {
    return null;
  }
  const read = readJson(file.text);
  return "value" in read && isObject(read.value) ? read.value : null;
}

/** The same file with its object changed by `change`, which works on a copy. */
export function withChange(file: ConfigFile, change: (root: JsonObject) => void): ConfigFile {
  const root = objectOf(file);
  if (!root) {
    return file;
  }
  change(root);
  return { name: file.name, text: writeJson(root) };
}

export function sameFiles(a: ConfigFile[], b: ConfigFile[]): boolean {
  return a.length === b.length &&
    a.every((file, i) => file.name === b[i].name && file.text === b[i].text);
}

/** Names of files that are not as they were. */
export function changedNames(before: ConfigFile[], now: ConfigFile[]): string[] {
  const old = new Map(before.map((file) => [file.name, file.text]));
  const names = now.filter((file) => old.get(file.name) !== file.text).map((file) => file.name);
  const left = before.filter((file) => !now.some((other) => other.name === file.name));
  return names.concat(left.map((file) => file.name));
}

/**
 * My changes put upon what somebody else applied meanwhile, file by file. A file that both changed
 * is mine, and named in `both`.
 */
export function rebase(
  base: ConfigFile[],
  mine: ConfigFile[],
  theirs: ConfigFile[],
): { files: ConfigFile[]; both: string[] } {
  const my = new Set(changedNames(base, mine));
  const their = new Set(changedNames(base, theirs));
  const files = theirs
    .filter((file) => !my.has(file.name))
    .concat(mine.filter((file) => my.has(file.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { files, both: [...my].filter((name) => their.has(name)) };
}
