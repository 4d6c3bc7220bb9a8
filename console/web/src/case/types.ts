// SPDX-License-Identifier: Apache-2.0
// A case as the service tells it in full.
import type { CaseAction } from "./actions";
import type { Message, Status } from "@/types";

export interface CaseRow {
  id: string;
  title: string;
  number: string;
  matter: string;
  matter_name: string;
  unit: string;
  unit_name: string;
  handler: string;
  handler_name: string;
  from_unit: string;
  from_unit_name: string;
  labels: Record<string, string>;
  state: string;
  light: string;
  created: string;
  updated: string;
  due: string | null;
  objected: { at: string; by: string; by_name: string } | null;
  status: Status;
  next_due?: string | null;
  late_seconds?: number;
  late_working_days?: number;
  late_calendar_days?: number;
}

export interface CaseClock {
  id: string;
  run: number;
  family: string;
  title: string;
  start: string;
  due: string | null;
  provisional: boolean;
  outcome: string;
  stopped: string | null;
  light: string;
  late_seconds: number;
  rule_version: number;
  waived: boolean;
  appeal: string;
  unit: string;
  unit_name: string;
  handler_name: string;
}

export interface CaseEvent {
  source: string;
  id: string;
  type: string;
  time: string;
  arrived: string;
  verdict: string;
  event: { data?: Record<string, unknown> };
}

export interface CaseAlert {
  id: string;
  clock: string;
  run: number;
  stage: string;
  stage_title: string;
  instant: string;
  fired_at: string;
  status: string;
  dropped: string;
  light: string;
  late: boolean;
  to: string[];
  messages: Message[];
}

export interface CaseNotice {
  id: string;
  number: string;
  kind: string;
  issued_at: string | null;
  by: string;
}

export interface CaseInFull extends CaseRow {
  clocks: CaseClock[];
  events: CaseEvent[];
  events_cut: boolean;
  alerts: CaseAlert[];
  actions?: CaseAction[];
  notices?: CaseNotice[];
  urged?: number;
  extension?: {
    state: "open" | "granted" | "refused"; by: string; until?: string | null; reason: string; at: string; who: string;
  } | null;
}

/** The state of a clock in the six words. */
export function clockStatus(clock: CaseClock): string {
  switch (clock.outcome) {
    case "met":
      return "met";
    case "missed":
      return clock.stopped ? "met_late" : "overdue";
    case "cancelled":
    case "replaced":
      return "withdrawn";
    default:
      return clock.light === "suspended" || clock.due === null ? "suspended" : clock.light === "yellow" ? "near" : "not_due";
  }
}
