// SPDX-License-Identifier: Apache-2.0
// What forms and filters offer: units, matters, clocks. Fetched once; asked again after a while.
import { shallowRef } from "vue";
import { get } from "./api";

export interface UnitChoice {
  id: string;
  name: string;
  parent: string;
  area: string;
  head: string;
  head_name: string;
  own: boolean;
  handlers: { id: string; name: string }[];
}
export interface MatterChoice {
  id: string;
  title: string;
  parent: string;
  unit: string;
}
export interface ClockChoice {
  id: string;
  title: string;
  family: string;
  stages: { id: string; title: string }[];
}
export interface Choices {
  version: number;
  units: UnitChoice[];
  matters: MatterChoice[];
  clocks: ClockChoice[];
}

const KEEP_MS = 60000;
const known = shallowRef<Choices>({ version: 0, units: [], matters: [], clocks: [] });
let fetchedAt = 0;

export function useChoices() {
  if (Date.now() - fetchedAt > KEEP_MS) {
    fetchedAt = Date.now();
    get<Choices>("choices").then(
      (answer) => (known.value = answer),
      () => (fetchedAt = 0),
    );
  }
  return known;
}

/** Matters that a case can be of: those without smaller ones below them. */
export function leafMatters(choices: Choices): MatterChoice[] {
  const parents = new Set(choices.matters.map((matter) => matter.parent));
  return choices.matters.filter((matter) => !parents.has(matter.id));
}
