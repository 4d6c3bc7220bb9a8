// SPDX-License-Identifier: Apache-2.0
// What a page asks the service for, while it is there: one answer, or the pages of a list. A new
// question ends the one before; what went wrong is said in place, and can be tried again.
import { onUnmounted, ref, shallowRef, watch } from "vue";
import { get } from "./api";
import type { Params } from "./api";
import type { List } from "./types";

function wasEnded(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Asks at once and whenever what `params` depends on changes. */
export function asking<T>(path: () => string, params: () => Params = () => ({})) {
  const value = shallowRef<T | null>(null);
  const trouble = ref("");
  const busy = ref(false);
  let running: AbortController | null = null;

  async function again(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    busy.value = true;
    try {
      value.value = await get<T>(path(), params(), mine.signal);
      trouble.value = "";
    } catch (error) {
      if (!wasEnded(error)) {
        trouble.value = wordsOf(error);
      }
    } finally {
      if (running === mine) {
        busy.value = false;
      }
    }
  }

  watch(() => JSON.stringify([path(), params()]), again, { immediate: true });
  onUnmounted(() => running?.abort());
  return { value, trouble, busy, again };
}

/** A list by cursor: its first page whenever `params` changes, further ones when asked for. */
export function paging<T>(path: () => string, params: () => Params = () => ({})) {
  const cursor = ref("");
  const limit = ref(50);
  const list = asking<List<T>>(path, () => ({
    ...params(), limit: limit.value, cursor: cursor.value || undefined,
  }));

  function first(): void {
    cursor.value = "";
  }
  function next(): void {
    cursor.value = list.value.value?.next ?? "";
  }
  function setLimit(to: number): void {
    limit.value = to;
    first();
  }

  watch(() => JSON.stringify([path(), params()]), first, { flush: "sync" });
  return { ...list, cursor, limit, first, next, setLimit };
}
