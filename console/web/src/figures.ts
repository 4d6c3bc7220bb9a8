// SPDX-License-Identifier: Apache-2.0
// Figures of units and months as the service gives them. Nothing is computed here: a page shows
// what the service counted, so that two pages never show two numbers.
import { hasText, t } from "@/i18n";
import { percent } from "@/time";
import type { Rate } from "@/types";

export interface FigureLine {
  met: number;
  missed: number;
  on_time_rate: number | null;
  received: number;
  accepted: number;
  completed: number;
  acceptance_rate: number | null;
  completion_rate: number | null;
  resolution_rate?: number | null;
  satisfaction_rate: number | null;
  timeliness_rate?: number | null;
  ratings: number;
  mean_handling_hours: number | null;
  overdue_open: number;
  urged?: number;
  score?: number | null;
}

export interface Ranked extends FigureLine {
  unit: string;
  unit_name: string;
  rank: number | null;
}

export interface UnitFigures {
  families: Rate[];
  ranking?: Ranked[];
  total?: FigureLine;
}

export interface MonthRow extends FigureLine {
  month: string;
  families: Rate[];
}

export interface MatterFigure {
  matter: string;
  title: string;
  parent: string;
  met: number;
  missed: number;
  on_time_rate: number | null;
  received: number;
  completed: number;
  mean_handling_hours: number | null;
  compression: number | null;
}

const RATES = new Set([
  "on_time_rate", "acceptance_rate", "completion_rate", "satisfaction_rate", "resolution_rate",
  "timeliness_rate", "compression",
]);

/** A figure as people read it: a share in percent, hours and scores with one digit, a count. */
export function figureText(key: string, value: unknown): string {
  if (typeof value !== "number") {
    return "—";
  }
  if (RATES.has(key)) {
    return percent(value);
  }
  return key === "mean_handling_hours" || key === "score" ? value.toFixed(1) : String(value);
}

export function figureName(key: string): string {
  return t(`ranking.short_${key}`);
}

export function familyName(id: string): string {
  return hasText(`parts.family_${id}`) ? t(`parts.family_${id}`) : id;
}

/** 97.1 of 0.9710; null stays null. */
export function points(rate: number | null | undefined): number | null {
  return rate === null || rate === undefined ? null : Math.round(rate * 1000) / 10;
}

/** "2019-07" of the present, or so many months before it. */
export function monthOf(instant: string, back = 0): string {
  const year = Number(instant.slice(0, 4));
  const month = Number(instant.slice(5, 7)) - 1 - back;
  const date = new Date(Date.UTC(year, month, 1));
  return date.toISOString().slice(0, 7);
}
