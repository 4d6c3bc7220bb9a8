// SPDX-License-Identifier: Apache-2.0
// One year of a calendar of the configuration, day by day, by the calendar"s own order: closures
// win over make-up days, those over holidays, those over weekends. Dates are "YYYY-MM-DD".
import { isObject, listOf, objectsOf, textOf } from "../change/json";
import type { Json, JsonObject } from "../change/json";

export type DayKind = "work" | "rest" | "holiday" | "makeup" | "closure";

export interface YearDay {
  date: string;
  day: number;
  weekday: number; // 1 Monday to 7 Sunday
  kind: DayKind;
  name: string;
  marked: boolean; // an entry of the calendar"s own says so
}

export interface YearMonth {
  month: number;
  lead: number; // empty cells before the first, weeks from Monday
  days: YearDay[];
  working: number;
}

export interface YearView {
  year: number;
  months: YearMonth[];
  working: number;
  official: boolean;
}

const LISTS: [string, DayKind][] = [
  ["holidays", "holiday"],
  ["workdays", "makeup"],
  ["closures", "closure"],
];

function dateOf(entry: Json): string {
  return typeof entry === "string" ? entry : isObject(entry) ? textOf(entry.date) : "";
}

function nameOf(entry: Json): string {
  return isObject(entry) ? textOf(entry.name) || textOf(entry.reason) : "";
}

export function isoDate(year: number, month: number, day: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** What the calendar itself says of dates; later lists win. */
function entriesOf(calendar: JsonObject): Map<string, { kind: DayKind; name: string }> {
  const marks = new Map<string, { kind: DayKind; name: string }>();
  for (const [key, kind] of LISTS) {
    for (const entry of listOf(calendar[key])) {
      marks.set(dateOf(entry), { kind, name: nameOf(entry) });
    }
  }
  return marks;
}

function workingWeekdays(calendar: JsonObject): Set<number> {
  const days = listOf(calendar.working_weekdays)
    .filter((day): day is number => typeof day === "number");
  return new Set(days.length > 0 ? days : [1, 2, 3, 4, 5]);
}

export function yearView(calendar: JsonObject, year: number): YearView {
  const marks = entriesOf(calendar);
  const working = workingWeekdays(calendar);
  const months: YearMonth[] = [];
  for (let month = 1; month <= 12; month += 1) {
    const days: YearDay[] = [];
    const count = new Date(Date.UTC(year, month, 0)).getUTCDate();
    for (let day = 1; day <= count; day += 1) {
      const date = isoDate(year, month, day);
      const weekday = ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7) + 1;
      const mark = marks.get(date);
      const kind = mark ? mark.kind : working.has(weekday) ? "work" : "rest";
      days.push({
        date, day, weekday, kind, name: mark ? mark.name : "", marked: mark !== undefined,
      });
    }
    const worked = days.filter((day) => day.kind === "work" || day.kind === "makeup").length;
    months.push({ month, lead: days[0].weekday - 1, days, working: worked });
  }
  const official = listOf(calendar.official_years).includes(year);
  return { year, months, working: months.reduce((sum, month) => sum + month.working, 0), official };
}

/** Years the calendar speaks of, and the present one and the next. */
export function yearsOf(calendar: JsonObject, thisYear: number): number[] {
  const years = new Set<number>([thisYear, thisYear + 1]);
  for (const year of listOf(calendar.official_years)) {
    if (typeof year === "number") {
      years.add(year);
    }
  }
  return [...years].sort((a, b) => a - b);
}

function without(calendar: JsonObject, key: string, date: string): Json[] {
  return listOf(calendar[key]).filter((entry) => dateOf(entry) !== date);
}

/** Say of a date what it is; "plain" takes back what was said. Works on the object given. */
export function setDay(
  calendar: JsonObject, date: string, kind: DayKind | "plain", name: string): void {
  for (const [key, of] of LISTS) {
    const others = without(calendar, key, date);
    if (of === kind) {
      const word = kind === "closure" ? "reason" : "name";
      const entry: JsonObject = name === "" ? { date } : { date, [word]: name };
      others.push(kind === "makeup" && name === "" ? date : entry);
      others.sort((a, b) => (dateOf(a) < dateOf(b) ? -1 : 1));
    }
    if (of === kind || others.length !== listOf(calendar[key]).length) {
      calendar[key] = others;
    }
  }
}

export function setOfficial(calendar: JsonObject, year: number, official: boolean): void {
  const others = listOf(calendar.official_years).filter((other) => other !== year);
  const years = official ? others.concat([year]) : others;
  calendar.official_years = years.sort((a, b) => Number(a) - Number(b));
}

/** A published list such as {"days":[{"name","date","isOffDay"}]}: how many entries it set. */
export function takeList(calendar: JsonObject, list: Json, year: number): number {
  const days = isObject(list) ? objectsOf(list.days) : objectsOf(list);
  let count = 0;
  for (const day of days) {
    const date = textOf(day.date);
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || typeof day.isOffDay !== "boolean") {
      continue;
    }
    setDay(calendar, date, day.isOffDay ? "holiday" : "makeup", textOf(day.name));
    count += 1;
  }
  if (count > 0) {
    setOfficial(calendar, year, true);
  }
  return count;
}
