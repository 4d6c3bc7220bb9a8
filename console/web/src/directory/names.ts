// SPDX-License-Identifier: Apache-2.0
// Names of units and people for ids, from the directory in force. Fetched once for all pages, and
// again when a version was applied.
import { ref } from "vue";
import { get } from "@/api";
import { objectsOf, textOf } from "@/change/json";
import { objectOf } from "@/change/files";
import type { ConfigAnswer } from "@/change/files";
import { hasText, t } from "@/i18n";

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

/** Without the right to read the configuration there are ids in place of names. */
export function loadNames(): Promise<void> {
  asked = asked ?? fetchNames().catch(() => {
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
