// SPDX-License-Identifier: Apache-2.0
// How each figure is counted: the service says it, in one place for pages, exports and reports.
import { shallowRef } from "vue";
import { get } from "./api";

export interface DefinitionText {
  id: string;
  title: { zh: string; en: string };
  text: { zh: string; en: string };
}
const known = shallowRef(new Map<string, DefinitionText>());
let asked = false;

export function useDefinitions(): typeof known {
  if (!asked) {
    asked = true;
    get<{ items: DefinitionText[] }>("figures/definitions").then(
      (answer) => (known.value = new Map(answer.items.map((item) => [item.id, item]))),
      () => (asked = false));
  }
  return known;
}
