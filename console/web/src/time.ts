// SPDX-License-Identifier: Apache-2.0
// Instants as the office reads them: always China's time, whatever this machine is set to.
import { language, t } from "./i18n";

const ZONE_MS = 8 * 3600 * 1000;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: string;
  minute: string;
  weekday: number;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function parts(instant: string | number): Parts {
  const date = new Date((typeof instant === "number" ? instant : Date.parse(instant)) + ZONE_MS);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: two(date.getUTCHours()),
    minute: two(date.getUTCMinutes()),
    weekday: date.getUTCDay(),
  };
}

/** 2019-07-08 17:30 */
export function stamp(instant: string | null | undefined): string {
  if (!instant) {
    return "—";
  }
  const p = parts(instant);
  return `${p.year}-${two(p.month)}-${two(p.day)} ${p.hour}:${p.minute}`;
}

/** 7月8日 17:30, or Jul 8, 17:30 */
export function shortStamp(instant: string | null | undefined): string {
  if (!instant) {
    return "—";
  }
  const p = parts(instant);
  const time = `${p.hour}:${p.minute}`;
  return language.value === "zh" ? `${p.month}月${p.day}日 ${time}` : `${two(p.month)}-${two(p.day)} ${time}`;
}

/** 2019-07-08 */
export function day(instant: string | null | undefined): string {
  return stamp(instant).slice(0, 10);
}

/** 17:30 */
export function clockTime(instant: string | number): string {
  const p = parts(instant);
  return `${p.hour}:${p.minute}`;
}

/** 2019年7月8日 星期一, or Mon 2019-07-08 */
export function longDay(instant: string | number): string {
  const p = parts(instant);
  const weekday = t("shell.weekdays").split(",")[p.weekday];
  return language.value === "zh"
    ? `${p.year}年${p.month}月${p.day}日 星期${weekday}`
    : `${weekday} ${p.year}-${two(p.month)}-${two(p.day)}`;
}

/** 97.1%, or a dash where there is nothing to divide by. */
export function percent(rate: number | null | undefined): string {
  // Half up in tenths of a percent, as exports and reports do: 0.9705 is 97.1 %.
  return rate === null || rate === undefined ? "—" : `${(Math.round(rate * 1000 + 1e-9) / 10).toFixed(1)}%`;
}

/** How late: working days first, as the rules count; hours when it is less than a day. */
export function lateness(row: {
  late_seconds: number; late_working_days: number; late_calendar_days: number;
}): { main: string; more: string } {
  if (row.late_calendar_days === 0) {
    return { main: t("shell.lateHours", { n: Math.max(1, Math.round(row.late_seconds / 3600)) }), more: "" };
  }
  return {
    main: t("shell.lateWorkingDays", { n: row.late_working_days }),
    more: t("shell.lateDays", { n: row.late_calendar_days }),
  };
}
