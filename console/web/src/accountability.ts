// SPDX-License-Identifier: Apache-2.0
// The accountability list as the service tells it.
export interface Evidence {
  case: string;
  case_title: string;
  number?: string;
  clock: string;
  run: number;
  unit?: string;
  unit_name?: string;
  handler_name?: string;
  due: string;
  stopped: string | null;
  late_working_days: number;
  late_calendar_days?: number;
  alerts: number;
  delivered?: number;
  acked?: number;
  waived: boolean;
}

export interface Statement {
  by: string;
  by_name?: string;
  at: string;
  text: string;
}

export const OUTCOMES = ["interviewed", "rectified", "excused", "noted"] as const;

export interface Outcome extends Statement {
  kind: (typeof OUTCOMES)[number];
  interview_at?: string | null;
}

export interface Waiver {
  case: string;
  clock: string;
  run: number;
  due: string;
  reason: string;
  approved_by: string;
  approved_by_name?: string;
  at: string;
}

export interface Entry {
  id: string;
  policy: string;
  policy_title?: string;
  scope: "unit" | "person";
  who: string;
  who_name: string;
  unit: string;
  unit_name: string;
  opened: string;
  state: "open" | "closed";
  misses: number;
  evidence: Evidence[];
  statements: Statement[];
  outcome: Outcome | null;
  waivers?: Waiver[];
}
