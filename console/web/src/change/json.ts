// SPDX-License-Identifier: Apache-2.0
// JSON texts of the configuration: read, changed in one place, written so that people can read
// them and that a diff shows what was changed. Never reorders keys, never drops one.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

const LINE_CHARS_MAX = 96;

export interface JsonTrouble {
  line: number;
  column: number;
  message: string;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The list a key holds; an empty one where it holds something else. */
export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

export function objectsOf(value: Json | undefined): JsonObject[] {
  return listOf(value).filter(isObject);
}

export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function textsOf(value: Json | undefined): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return listOf(value).filter((item): item is string => typeof item === "string");
}

function isFlat(value: Json): boolean {
  const parts = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return parts.every((part) => typeof part !== "object" || part === null);
}

function oneLine(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(oneLine).join(", ")}]`;
  }
  if (isObject(value)) {
    const members = Object.entries(value)
      .map(([key, part]) => `${JSON.stringify(key)}: ${oneLine(part)}`);
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value);
}

function write(value: Json, indent: string): string {
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  const flat = isFlat(value) ? oneLine(value) : "";
  if (flat !== "" && indent.length + flat.length <= LINE_CHARS_MAX) {
    return flat;
  }
  const deeper = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((part) => deeper + write(part, deeper))
    : Object.entries(value)
      .map(([key, part]) => `${deeper}${JSON.stringify(key)}: ${write(part, deeper)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return lines.length === 0 ? open + close : `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

export function writeJson(value: Json): string {
  return `${write(value, "")}\n`;
}

/** Where in the text an offset lies, counted from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}

/** The value of a text, or what keeps it from being one. */
export function readJson(text: string): { value: Json } | { trouble: JsonTrouble } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = /position (\d+)/.exec(message);
    const place = placeOf(text, at ? Number(at[1]) : 0);
    return { trouble: { ...place, message } };
  }
}
