// SPDX-License-Identifier: Apache-2.0
// Every word on the pages by key: "area.name" stands in texts/area.zh.ts and texts/area.en.ts.
// Only the reader's language is fetched. "{n}" is filled in; "{n?case:cases}" is one or many.
import { ref, shallowRef } from "vue";

export type Language = "zh" | "en";
export type Texts = Record<string, string>;
type Values = Record<string, string | number>;

const KEY = "nrt-language";
const texts = shallowRef<Texts>({});

export const language = ref<Language>(localStorage.getItem(KEY) === "en" ? "en" : "zh");

const loaders = {
  zh: () => import("./texts/zh"),
  en: () => import("./texts/en"),
};

export async function loadTexts(): Promise<void> {
  texts.value = (await loaders[language.value]()).default;
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  document.title = t("shell.title");
}

export async function setLanguage(to: Language): Promise<void> {
  language.value = to;
  localStorage.setItem(KEY, to);
  await loadTexts();
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)(?:\?([^:}]*):([^}]*))?\}/g, (all, name: string, one, many) => {
    if (!(name in values)) {
      return all;
    }
    return many === undefined ? String(values[name]) : Number(values[name]) === 1 ? one : many;
  });
}

/** The text of a key in the reader's language; the key itself when there is none. */
export function t(key: string, values?: Values): string {
  const text = texts.value[key];
  return text === undefined ? key : values ? fill(text, values) : text;
}

/** Is there a text of this key? For words that the service may add to. */
export function hasText(key: string): boolean {
  return key in texts.value;
}

/** The word of a value, or the value itself when no word is known. */
export function word(area: string, value: string | null | undefined): string {
  const key = `${area}.${value ?? ""}`;
  return hasText(key) ? t(key) : (value ?? "");
}

/** One of a pair {zh, en} as the service gives it. */
export function pick(pair: { zh: string; en: string } | null | undefined): string {
  return pair ? pair[language.value] || pair.zh : "";
}
