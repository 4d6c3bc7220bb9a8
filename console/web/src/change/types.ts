// SPDX-License-Identifier: Apache-2.0
// What the service tells of drafts, previews, versions and replans.
import type { ConfigFile, ConfigKind } from "./files";

export interface Draft {
  id: string;
  at: string;
  by: string;
  note: string;
  kind: ConfigKind;
  state: "drafted" | "approved" | "applied" | "withdrawn" | "stale" | "failed";
  approved_by: string;
  approved_at: string | null;
  apply_at: string | null;
  base_version: number;
  version: number | null;
  why: string;
  files?: ConfigFile[];
}

export interface Pair {
  before: number;
  after: number;
}

export interface PreviewTotals {
  cases: number;
  runs: number;
  due_changed: number;
  due_earlier: number;
  due_later: number;
  light_changed: Record<string, number>;
  provisional_now_firm: number;
  missed_only_by_change: number;
  messages: Pair;
  sms: Pair;
  people: (Pair & { person: string })[];
  by_day: (Pair & { date: string })[];
}

export interface Job {
  id: string;
  kind: string;
  state: "running" | "done" | "failed" | "cancelled";
  done: number;
  total: number;
  why: string;
  totals?: PreviewTotals | null;
}

export interface PreviewMessage {
  instant: string;
  was?: string;
  stage: string;
  to: string[];
  change: "new" | "gone" | "moved";
}

export interface PreviewItem {
  case: string;
  title: string;
  unit: string;
  clock: string;
  run: number;
  due_before: string | null;
  due_after: string | null;
  light_before: string | null;
  light_after: string | null;
  missed_only_by_change: boolean;
  messages: PreviewMessage[];
  messages_left_out: number;
}

export interface Replan {
  id: string;
  kind: "replan" | "recount";
  state: Job["state"];
  done: number;
  total: number;
  why: string;
  at: string;
  by: string;
  note: string;
  version: number;
  undo: string | null;
}

export interface Version {
  version: number;
  at: string;
  by: string;
  note: string;
  digest: string;
  from: { draft?: string; rollback?: number; files?: boolean } & Record<string, unknown>;
  replans: { id: string; kind: string; undo: string; state: string }[];
}
