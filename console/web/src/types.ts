// SPDX-License-Identifier: Apache-2.0
// What the service answers, as far as the pages use it. Instants are RFC 3339.

export type Status =
  "not_due" | "near" | "overdue" | "met" | "met_late" | "suspended" | "withdrawn";

export interface List<T> {
  items: T[];
  next: string | null;
  total?: number;
  total_more?: boolean;
}

export interface User {
  name: string;
  display: string;
  roles: string[];
  unit: string;
  unit_name: string;
  person: string;
  kind: "session" | "token" | "service" | "demo" | "proxy";
}

export interface Session {
  user: User | null;
  rights: string[];
  csrf: string;
  must_change: boolean;
  expires_at: string | null;
  methods: { password: boolean; proxy: boolean; dingtalk: null | { corp_id: string } };
  setup: boolean;
  demo: boolean;
  version: string;
  now: string;
  clock_mode: string;
  clock_speed: number;
}

export interface Rate {
  family: string;
  met: number;
  missed: number;
  on_time_rate: number | null;
}

export interface OverdueRow {
  number?: string;
  case: string;
  case_title: string;
  clock: string;
  title: string;
  unit: string;
  unit_name: string;
  handler: string;
  handler_name: string;
  matter: string;
  matter_name?: string;
  area?: string;
  light: string;
  due: string | null;
  late_seconds: number;
  late_working_days: number;
  late_calendar_days: number;
  provisional: boolean;
  urged?: number;
  last_urged?: string | null;
  alert_state?: string;
  next_stage?: { stage: string; at: string } | null;
  unit_head?: string;
}

/** A case in a short list. */
export interface CaseLine {
  case: string;
  case_title: string;
  unit_name: string;
  clock?: string;
}

export interface Todo {
  kind: string;
  count: number;
  link: string;
  items?: CaseLine[];
}

export interface MonthFigures {
  month: string;
  families: Rate[];
  received: number;
  accepted: number;
  completed: number;
  acceptance_rate: number | null;
  completion_rate: number | null;
  satisfaction_rate: number | null;
  ratings: number;
  mean_handling_hours: number | null;
  overdue_open: number;
}

export interface SendingStop {
  scope: string;
  by: string;
  at: string;
  note: string;
}

export interface Sending {
  stops: SendingStop[];
  brake: { reason: string } | null;
  watch: { until: string; reason: string } | null;
  unreadable: boolean;
}

export interface Overview {
  now: string;
  clock_mode: string;
  clock_speed?: number;
  revision: number;
  cases: Record<string, number>;
  statuses?: Partial<Record<Status, number>>;
  overdue: number;
  families: Rate[];
  units: { unit: string; unit_name: string; missed: number }[];
  due_today?: { count: number; items: CaseLine[] };
  due_tomorrow?: number;
  trend?: MonthFigures[];
  worst_units?: {
    unit: string; unit_name: string; overdue_open: number; missed: number;
    on_time_rate: number | null;
  }[];
  sending?: { stopped: boolean; held: boolean };
  todo?: Todo[];
  calendar_missing_year?: number | null;
}

export interface Message {
  id: string;
  alert: string;
  case: string;
  clock: string;
  stage: string;
  stage_title: string;
  person: string;
  person_name: string;
  channel: string;
  state: string;
  at: string;
  attempts: number;
  reason: string;
  text: string;
  held_until: string | null;
  sent_at: string | null;
  accepted_at: string | null;
  delivered_at: string | null;
  undelivered_at: string | null;
  read_at: string | null;
  acked_at: string | null;
  light: string;
  fired_at: string | null;
  for_name?: string;
  gateway_id?: string;
  digest?: string;
}
