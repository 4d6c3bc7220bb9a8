// SPDX-License-Identifier: Apache-2.0
// A change of the configuration while somebody works at it: loaded, edited, checked, kept as a
// draft. Goes upon the version it was begun from; when another one came in between, nothing is
// lost and the reader decides.
import { computed, onUnmounted, ref, shallowRef } from "vue";
import { Problem, get, post, send } from "@/api";
import { changedNames, kindOfFile, rebase, sameFiles } from "./files";
import type { ChangeLine, ConfigAnswer, ConfigFile, ConfigKind, Finding } from "./files";

interface CheckAnswer {
  version: number;
  applied: boolean;
  findings: Finding[];
  changes: ChangeLine[];
}

export interface DraftAnswer {
  draft: string;
  state: string;
  findings: Finding[];
  changes: ChangeLine[];
}

/** Somebody else's version came in between. */
export interface Conflict {
  theirs: ConfigAnswer;
  changes: ChangeLine[];
  both: string[];
  merged: ConfigFile[];
}

function copyOf(files: ConfigFile[]): ConfigFile[] {
  return files.map((file) => ({ ...file }));
}

export function useChange(kind: ConfigKind, fromDraft: string) {
  const base = shallowRef<ConfigAnswer | null>(null);
  const files = shallowRef<ConfigFile[]>([]);
  const findings = shallowRef<Finding[] | null>(null);
  const changes = shallowRef<ChangeLine[]>([]);
  const conflict = shallowRef<Conflict | null>(null);
  const trouble = ref("");
  const busy = ref(false);

  const dirty = computed(() => base.value !== null && !sameFiles(base.value.files, files.value));
  const changed = computed(() => (base.value ? changedNames(base.value.files, files.value) : []));

  function edited(): void {
    findings.value = null;
    changes.value = [];
  }

  async function load(): Promise<void> {
    busy.value = true;
    try {
      const answer = await get<ConfigAnswer>(kind);
      base.value = answer;
      files.value = copyOf(answer.files);
      if (fromDraft) {
        const draft = await get<{ files: ConfigFile[] }>(`drafts/${encodeURIComponent(fromDraft)}`);
        files.value = draft.files.filter((file) => kind === "config" || kindOfFile(file.name) === kind);
      }
      edited();
      trouble.value = "";
    } catch (error) {
      trouble.value = error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  }

  function setFile(fresh: ConfigFile): void {
    const known = files.value.some((file) => file.name === fresh.name);
    files.value = known
      ? files.value.map((file) => (file.name === fresh.name ? fresh : file))
      : files.value.concat([fresh]);
    edited();
  }

  async function lookAtConflict(): Promise<void> {
    const mine = base.value;
    if (!mine) {
      return;
    }
    const theirs = await get<ConfigAnswer>(kind);
    const diff = await get<{ changes: ChangeLine[] }>(
      "config/diff", { from: mine.version, to: theirs.version });
    const put = rebase(mine.files, files.value, theirs.files);
    conflict.value = { theirs, changes: diff.changes, both: put.both, merged: put.files };
  }

  /** True when it was dealt with: findings, or a conflict to decide. */
  async function take(error: unknown): Promise<boolean> {
    if (!(error instanceof Problem)) {
      return false;
    }
    if (Array.isArray(error.body.findings)) {
      findings.value = error.body.findings as Finding[];
      changes.value = [];
      return true;
    }
    if ((error.status === 409 || error.status === 412) && error.body.version !== undefined) {
      await lookAtConflict();
      return true;
    }
    return false;
  }

  async function trying<T>(act: () => Promise<T>): Promise<T | null> {
    busy.value = true;
    try {
      return await act();
    } catch (error) {
      if (!(await take(error))) {
        throw error;
      }
      return null;
    } finally {
      busy.value = false;
    }
  }

  function body(note: string): Record<string, unknown> {
    return { files: files.value, note, base_version: base.value?.version };
  }

  /** Is there nothing that forbids it? */
  async function check(): Promise<boolean> {
    const answer = await trying(() =>
      send<CheckAnswer>("PUT", kind, { ...body(""), dry_run: true }));
    if (answer) {
      findings.value = answer.findings;
      changes.value = answer.changes;
    }
    return answer !== null;
  }

  const save = (note: string): Promise<DraftAnswer | null> =>
    trying(() => post<DraftAnswer>("drafts", { kind, ...body(note) }));

  const apply = (note: string): Promise<CheckAnswer | null> =>
    trying(() => send<CheckAnswer>("PUT", kind, body(note)));

  /** Go on upon their version: with my changes, or without. */
  function settle(keepMine: boolean): void {
    const met = conflict.value;
    if (met) {
      base.value = met.theirs;
      files.value = keepMine ? met.merged : copyOf(met.theirs.files);
      conflict.value = null;
      edited();
    }
  }

  function discard(): void {
    files.value = copyOf(base.value?.files ?? []);
    edited();
  }

  function holdBack(event: BeforeUnloadEvent): void {
    if (dirty.value) {
      event.preventDefault();
      event.returnValue = "";
    }
  }
  window.addEventListener("beforeunload", holdBack);
  onUnmounted(() => window.removeEventListener("beforeunload", holdBack));
  void load();

  return {
    kind, base, files, findings, changes, conflict, trouble, busy, dirty, changed,
    load, setFile, check, save, apply, settle, discard,
  };
}

export type Change = ReturnType<typeof useChange>;
