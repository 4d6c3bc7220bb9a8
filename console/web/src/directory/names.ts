// SPDX-License-Identifier: Apache-2.0
// Names of units and people for ids, from the directory in force. Fetched once for all pages, and
// again when a version was applied.
import { ref } from "vue";
import { get } from "@/api";
import { objectsOf, textOf } from "@/change/json";
import { objectOf } from "@/change/files";
import type { ConfigAnswer } from "@/change/files";
import { hasText, t } from "@/i18n";
import { can } from "@/session";

export interface Named {
  id: string;
  name: string;
  unit?: string;
}

export const units = ref<Named[]>([]);
export const people = ref<Named[]>([]);
let asked: Promise<void> | null = null;

async function fetchNames(): Promise<void> {
  const answer = await get<ConfigAnswer>("directory");
  const root = objectOf(answer.files.find((file) => file.name.startsWith("directory")));
  units.value = objectsOf(root?.units).map((unit) => ({ id: textOf(unit.id), name: textOf(unit.name) }));
  people.value = objectsOf(root?.people).map((person) => ({
    id: textOf(person.id), name: textOf(person.name), unit: textOf(person.unit),
  }));
}

/** Who may not read the configuration sees the names of units, and ids in place of people's. */
async function fetchUnits(): Promise<void> {
  const answer = await get<{ units: Named[] }>("choices");
  units.value = answer.units.map((unit) => ({ id: unit.id, name: unit.name }));
}

export function loadNames(): Promise<void> {
  const fetching = can("config.read") ? fetchNames : fetchUnits;
  asked = asked ?? fetching().catch(() => {
    asked = null;
  });
  return asked;
}

export function forgetNames(): void {
  asked = null;
}

export function unitName(id: string): string {
  return units.value.find((unit) => unit.id === id)?.name ?? id;
}

export function personName(id: string): string {
  return people.value.find((person) => person.id === id)?.name ?? id;
}

export function channelName(id: string): string {
  return hasText(`messages.channel_${id}`) ? t(`messages.channel_${id}`) : id;
}

export function nameOf(kind: "unit" | "person" | "channel" | "template", id: string): string {
  switch (kind) {
    case "unit":
      return unitName(id);
    case "person":
      return personName(id);
    case "channel":
      return channelName(id);
    case "template":
      return id;
  }
}
