// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "Working calendar",
  lead:
    "Limits are counted by this calendar: holidays and weekends do not count, make-up days do, closures win over everything.",
  year: "{year}",
  working_days: "{n} working days in the year",
  month_days: "{n} working days",
  month: "Month {n}",
  official: "the State Council's notice is in",
  unofficial:
    "No notice for {year} yet: dues are reckoned by plain weekends and marked provisional.",
  unofficial_help: "Once it is published, choose “Change the calendar” and import it.",
  missing_soon: "The days off of {year} are missing: import them as soon as the notice is out.",
  edit: "Change the calendar",
  edit_help:
    "Click a day to change it. The change is kept as a draft and takes effect when approved.",
  kind_work: "working day",
  kind_rest: "weekend",
  kind_holiday: "holiday",
  kind_makeup: "make-up day",
  kind_closure: "closure",
  short_holiday: "off",
  short_makeup: "on",
  short_closure: "shut",
  weekdays: "MTWTFSS",
  day_is: "This day is",
  day_plain: "as the week has it",
  day_name: "Name or reason",
  day_set: "Set",
  hours: "Office hours",
  hours_seasonal: "{from} to {to}: {hours}",
  zone: "Time zone",
  day_end: "A limit in days ends",
  day_end_close: "at the end of office hours",
  day_end_midnight: "at midnight",
  list_title: "The days of {year}",
  list_none: "No holidays, make-up days or closures are on record.",
  import: "Import a notice",
  import_lead:
    "Paste a published JSON list (days: date, name, isOffDay) or choose a file. For iCalendar and the notice's own text use nrt calendar import.",
  import_take: "Put in",
  import_taken: "{n} days put in; {year} is marked as official.",
  import_none: "No day could be read.",
  mark_official: "the notice of {year} is in, whole",
};

export default texts;
