// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "Reports",
  lead:
    "The monthly report can be printed and exported. Daily brief and weekly list are shown as they will be sent.",
  month: "Monthly report",
  month_lead: "Ranking, on-time rate, comparison, accountability.",
  open_month: "Open the report of {month}",
  brief: "Daily brief",
  brief_lead: "Sent at 08:20 to oversight and leaders.",
  week: "Weekly list",
  week_lead: "Sent weekly to heads of units: what is overdue and what is due.",
  date: "Date",
  unit: "Unit",
  show: "Preview",
  none: "Nothing to report on that day.",
  comparison: "Comparison",
  previous: "Month before",
  last_year: "Same month last year",
  this_month: "This month",
  figure: "Figure",
  ranking: "Ranking of units",
  accountability: "Accountability",
  accountability_none: "Nobody was listed this month.",
  print: "Print",
  export: "Export to Excel",
  previous_month: "Month before",
  next_month: "Month after",
  misses: "{n} misses",
};

export default texts;
