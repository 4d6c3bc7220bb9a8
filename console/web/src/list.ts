// SPDX-License-Identifier: Apache-2.0
// A list of the service behind a page: its filter, sort and page length stand in the address; it
// is fetched when they change, and when the reader asks for what is new.
import { computed, onUnmounted, ref, shallowRef, watch } from "vue";
import { get } from "./api";
import type { Params } from "./api";
import { onChange } from "./live";
import { route, setQuery } from "./router";
import type { List } from "./types";

interface Options {
  /** Names of the query parameters that filter. */
  filters: string[];
  sort?: string;
  limit?: number;
}

export function useList<T>(path: string, options: Options) {
  const at = route.path;
  const items = shallowRef<T[]>([]);
  const total = ref<number>();
  const totalMore = ref(false);
  const next = ref<string | null>(null);
  const cursor = ref("");
  const busy = ref(false);
  const loaded = ref(false);
  const error = ref("");
  const stale = ref(false);
  let asked: AbortController | null = null;

  const sort = computed(() => route.query.sort ?? options.sort ?? "");
  const limit = computed(() => Number(route.query.limit ?? options.limit ?? 50));
  /** The filter as the service takes it, for the list and for its exports. */
  const filter = computed<Params>(() => {
    const values: Params = {};
    for (const name of options.filters) {
      if (route.query[name]) {
        values[name] = route.query[name];
      }
    }
    return values;
  });
  const filtered = computed(() => Object.keys(filter.value).length > 0);

  async function load(): Promise<void> {
    asked?.abort();
    asked = new AbortController();
    const mine = asked;
    busy.value = true;
    try {
      const answer = await get<List<T>>(path, {
        ...filter.value, sort: sort.value, limit: limit.value, cursor: cursor.value,
      }, mine.signal);
      items.value = answer.items;
      next.value = answer.next;
      total.value = answer.total;
      totalMore.value = answer.total_more ?? false;
      error.value = "";
      stale.value = false;
      loaded.value = true;
    } catch (problem) {
      if ((problem as Error).name === "AbortError") {
        return;
      }
      error.value = (problem as Error).message;
    }
    if (asked === mine) {
      busy.value = false;
    }
  }

  function change(values: Record<string, string | number | undefined>): void {
    cursor.value = "";
    setQuery({ ...route.query, ...values });
  }

  function move(to: string): void {
    cursor.value = to;
    void load();
    document.querySelector(".table-box")?.scrollTo(0, 0);
  }

  watch(() => JSON.stringify(route.query), () => {
    if (route.path === at) {
      cursor.value = "";
      void load();
    }
  }, { immediate: true });
  onChange(() => {
    stale.value = loaded.value;
  });
  onUnmounted(() => asked?.abort());

  return {
    items, total, totalMore, next, busy, loaded, error, stale, sort, limit, filter, filtered,
    isFirst: computed(() => cursor.value === ""),
    load, change,
    toNext: () => move(next.value ?? ""),
    toFirst: () => move(""),
    clear: () => setQuery({}),
  };
}
