// SPDX-License-Identifier: Apache-2.0
// Short words about what has just been done. They go by themselves; what failed stays.
import { reactive } from "vue";

export interface ToastLine {
  id: number;
  kind: "good" | "bad";
  text: string;
}

export const toasts = reactive<ToastLine[]>([]);
let last = 0;

export function dropToast(id: number): void {
  const index = toasts.findIndex((toast) => toast.id === id);
  if (index >= 0) {
    toasts.splice(index, 1);
  }
}

function add(kind: "good" | "bad", text: string): number {
  const id = ++last;
  toasts.push({ id, kind, text });
  if (toasts.length > 4) {
    toasts.shift();
  }
  return id;
}

export function done(text: string): void {
  const id = add("good", text);
  setTimeout(() => dropToast(id), 6000);
}

export function failed(error: unknown): void {
  add("bad", error instanceof Error ? error.message : String(error));
}
