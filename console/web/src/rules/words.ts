// SPDX-License-Identifier: Apache-2.0
// A rule set in words: durations, moments, recipients, conditions. Reads the notation of
// docs/semantics.md; what it does not know is shown as it stands.
import { hasText, t } from "../i18n";
import { isObject, textsOf } from "../change/json";
import type { Json, JsonObject } from "../change/json";

export type NameOf = (kind: "unit" | "person" | "channel" | "template", id: string) => string;

const DURATION = /^0*([1-9][0-9]*)(wd|d|wh|wm|ws|h|m|s)(?:@([0-9]{2}:[0-9]{2}))?$/;
const SHARE = /^0*([1-9][0-9]*)%$/;

/** "5wd" → 5 个工作日 */
export function durationWords(text: string): string {
  const parts = DURATION.exec(text);
  if (!parts) {
    return text;
  }
  const words = t(`rules.duration_${parts[2]}`, { n: parts[1] });
  return parts[3] ? t("rules.duration_at", { duration: words, time: parts[3] }) : words;
}

/** "due-1wd" → 到期前 1 个工作日 */
export function momentWords(text: string): string {
  if (text === "due+0") {
    return t("rules.moment_due");
  }
  const share = SHARE.exec(text);
  if (share) {
    return t("rules.moment_share", { n: share[1] });
  }
  for (const [start, key] of [
    ["due-", "rules.moment_before"],
    ["due+", "rules.moment_after"],
    ["acked+", "rules.moment_acked"],
  ]) {
    if (text.startsWith(start)) {
      return t(key, { duration: durationWords(text.slice(start.length)) });
    }
  }
  return t("rules.moment_start", { duration: durationWords(text) });
}

export function limitWords(clock: JsonObject): string {
  const limit = clock.limit;
  if (typeof limit === "string") {
    return durationWords(limit);
  }
  if (isObject(limit) && typeof limit.from === "string") {
    return t("rules.limit_from", { path: limit.from });
  }
  if (isObject(clock.recur)) {
    const days = textsOf(clock.recur.days).map((day) => t(`rules.day_${day}`));
    const time = String(clock.recur.at);
    return t("rules.limit_recur", { days: days.join(t("rules.comma")), time });
  }
  return "";
}

export function kindWords(kind: string): string {
  const plain = kind.replace(/^case\./, "");
  return hasText(`rules.kind_${plain}`) ? t(`rules.kind_${plain}`) : kind;
}

export function kindsWords(value: Json | undefined, fallback: string[]): string {
  const kinds = textsOf(value);
  return (kinds.length > 0 ? kinds : fallback).map(kindWords).join(t("rules.or"));
}

const ROLES = new Set([
  "handler",
  "unit_head",
  "deputy_head",
  "leader",
  "clerk",
  "parent_head",
  "oversight",
  "matter_owner",
]);

export function roleWords(role: string, name: NameOf): string {
  if (ROLES.has(role)) {
    return t(`rules.role_${role}`);
  }
  const [kind, ...rest] = role.split(":");
  const id = rest.join(":");
  if (kind === "up") {
    return t("rules.role_up", { n: id });
  }
  return kind === "person" || kind === "unit" ? name(kind, id) : role;
}

export function rolesWords(value: Json | undefined, name: NameOf): string {
  return textsOf(value)
    .map((role) => roleWords(role, name))
    .join(t("rules.comma"));
}

export function viaWords(value: Json | undefined, name: NameOf): string {
  const all = isObject(value) ? textsOf(value.all) : null;
  const channels = (all ?? textsOf(value)).map((id) => name("channel", id));
  if (channels.length === 0) {
    return t("rules.via_default");
  }
  return channels.join(all ? " + " : t("rules.then"));
}

export function repeatWords(value: Json | undefined): string {
  if (!isObject(value)) {
    return "";
  }
  const max = typeof value.max === "number" ? t("rules.repeat_max", { n: value.max }) : "";
  if (typeof value.every === "string") {
    return t("rules.repeat_every", { duration: durationWords(value.every) }) + max;
  }
  const key = value.days === "working" ? "rules.repeat_working" : "rules.repeat_daily";
  return t(key, { times: textsOf(value.at).join(t("rules.comma")) }) + max;
}

function conditionWords(path: string, value: Json): string {
  const values = (Array.isArray(value) ? value : [value]).map(String);
  return t("rules.match_is", { path: pathWords(path), value: values.join(t("rules.or")) });
}

function pathWords(path: string): string {
  const key = `rules.path_${path.replace(/\./g, "_")}`;
  return hasText(key) ? t(key) : path.replace(/^labels\./, "");
}

/** The conditions of a clock; empty: all cases. */
export function matchWords(match: Json | undefined): string {
  if (!isObject(match)) {
    return t("rules.match_all");
  }
  const parts: string[] = [];
  for (const [path, value] of Object.entries(match)) {
    if (path === "note" || path === "title") {
      continue;
    }
    if (path === "not") {
      parts.push(t("rules.match_not", { what: matchWords(value) }));
    } else if (path === "any" || path === "all") {
      const inner = (Array.isArray(value) ? value : []).map((item) => matchWords(item));
      const glue = t(path === "any" ? "rules.or" : "rules.and");
      parts.push(t("rules.match_group", { what: inner.join(glue) }));
    } else {
      parts.push(conditionWords(path, value));
    }
  }
  return parts.length === 0 ? t("rules.match_all") : parts.join(t("rules.and"));
}
