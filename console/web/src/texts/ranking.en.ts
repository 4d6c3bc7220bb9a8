// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "Ranking of units",
  lead:
    "The rates of each unit, ranked by month. A unit leads to its cases, “?” says how a number is counted.",
  month: "Month",
  all_months: "all months",
  family: "Clocks",
  all_families: "all",
  unit: "Unit",
  rank: "Rank",
  view_rates: "Three rates",
  view_four: "Four measures",
  view_all: "Everything",
  report: "Monthly report",
  trend: "Trend",
  none: "There is nothing in this month.",
  none_help: "Choose another month, or all of them.",
  click_unit: "See the cases of {unit}",
  short_on_time_rate: "On time %",
  short_met: "Met",
  short_missed: "Missed",
  short_received: "Received",
  short_accepted: "Accepted",
  short_completed: "Completed",
  short_acceptance_rate: "Accepted %",
  short_completion_rate: "Completed %",
  short_satisfaction_rate: "Satisfied %",
  short_resolution_rate: "Resolved %",
  short_timeliness_rate: "Timely",
  short_ratings: "Ratings",
  short_mean_handling_hours: "Mean hours",
  short_overdue_open: "Overdue open",
  short_urged: "Urged",
  short_score: "Score",
  short_compression: "Compression",
};

export default texts;
