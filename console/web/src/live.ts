// SPDX-License-Identifier: Apache-2.0
// One stream of changes for all pages. A page that shows a list puts up "new data" and lets the
// reader fetch it, so that no row jumps under the pointer. A stream that stops says so.
import { onUnmounted, ref } from "vue";
import { headers } from "./api";

export interface Change {
  revision: number;
  now: string;
  clock_mode?: string;
  clock_speed?: number;
  overdue?: number;
  todo?: number;
}
export type Line = "waiting" | "live" | "stale";

export const line = ref<Line>("waiting");
export const change = ref<Change | null>(null);
/** When the stream was last heard of, in this machine's time. */
export const heardAt = ref(0);

const SILENCE_MS = 45000; // three heartbeats
const listeners = new Set<(change: Change) => void>();
let running: AbortController | null = null;
let lastId = "";

function take(block: string): void {
  heardAt.value = Date.now();
  line.value = "live";
  const id = /^id: ?(.*)$/m.exec(block);
  const data = /^data: ?(.*)$/m.exec(block);
  if (id) {
    lastId = id[1];
  }
  if (!data || !/^event: ?change$/m.test(block)) {
    return;
  }
  change.value = JSON.parse(data[1]) as Change;
  tellNow(change.value.now, change.value.clock_mode ?? "real", change.value.clock_speed ?? 1);
  for (const listener of listeners) {
    listener(change.value);
  }
}

async function readStream(signal: AbortSignal): Promise<void> {
  const extra: Record<string, string> = lastId ? { "Last-Event-ID": lastId } : {};
  const answer = await fetch("api/v1/live", {
    headers: { ...headers(), ...extra }, cache: "no-store", credentials: "same-origin", signal,
  });
  if (!answer.ok || !answer.body) {
    throw new Error(String(answer.status));
  }
  heardAt.value = Date.now();
  line.value = "live";
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const part = await reader.read();
    if (part.done) {
      return;
    }
    rest += decoder.decode(part.value, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    blocks.forEach(take);
  }
}

async function follow(signal: AbortSignal): Promise<void> {
  let wait = 1000;
  while (!signal.aborted) {
    const started = Date.now();
    try {
      await readStream(signal);
    } catch {
      // Tried again below; the header says that the figures may be old.
    }
    if (signal.aborted) {
      return;
    }
    line.value = "stale";
    wait = Date.now() - started > 10000 ? 1000 : Math.min(wait * 2, 15000);
    await new Promise((done) => setTimeout(done, wait));
  }
}

export function startLive(): void {
  stopLive();
  running = new AbortController();
  void follow(running.signal);
}

export function stopLive(): void {
  running?.abort();
  running = null;
  line.value = "waiting";
}

setInterval(() => {
  if (running && line.value === "live" && Date.now() - heardAt.value > SILENCE_MS) {
    line.value = "stale";
  }
}, 5000);

let base = { service: Date.now(), here: Date.now(), speed: 1 };

/** The service's present, in ms: its clock may run faster, or stand. */
export function serviceNow(): number {
  return base.service + (Date.now() - base.here) * base.speed;
}

/** Sets the service's clock by an instant it has just told. */
export function tellNow(instant: string, mode: string, speed: number): void {
  base = { service: Date.parse(instant), here: Date.now(),
    speed: mode === "stepped" ? 0 : mode === "scaled" ? speed : 1 };
}

/** Calls for every change while the component is there. */
export function onChange(listener: (change: Change) => void): void {
  listeners.add(listener);
  onUnmounted(() => listeners.delete(listener));
}
