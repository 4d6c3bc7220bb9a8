// SPDX-License-Identifier: Apache-2.0
// Named filters of a page, kept by this browser. A view is an address: sharing it is sharing that.
import { ref } from "vue";

export interface SavedView {
  name: string;
  query: Record<string, string>;
}

function read<T>(key: string, fallback: T): T {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as T) ?? fallback;
  } catch {
    return fallback;
  }
}

export function useViews(page: string) {
  const key = `nrt-views-${page}`;
  const views = ref(read<SavedView[]>(key, []));
  const keep = (): void => localStorage.setItem(key, JSON.stringify(views.value));
  return {
    views,
    save(name: string, query: Record<string, string>): void {
      views.value = [...views.value.filter((view) => view.name !== name), { name, query: { ...query } }];
      keep();
    },
    drop(name: string): void {
      views.value = views.value.filter((view) => view.name !== name);
      keep();
    },
  };
}

/** Which columns of a table this reader wants to see. */
export function useColumns(page: string, standard: string[]) {
  const key = `nrt-columns-${page}`;
  const shown = ref(read<string[]>(key, standard));
  return {
    shown,
    toggle(column: string): void {
      shown.value = shown.value.includes(column)
        ? shown.value.filter((name) => name !== column) : [...shown.value, column];
      localStorage.setItem(key, JSON.stringify(shown.value));
    },
  };
}
