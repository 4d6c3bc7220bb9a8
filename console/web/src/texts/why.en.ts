// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "Why a message came, or did not",
  lead: "Choose somebody and a day: every reminder meant for them, what became of it, and why.",
  person: "Person",
  person_help: "name or id",
  date: "Date",
  ask: "Ask",
  none: "Nothing that day concerned this person.",
  ask_first: "Choose somebody and a day, then ask.",
  cut: "Too many: not all of them are shown.",
  result: "{name}, {date}: {n}",
  at: "Time",
  what: "Reminder",
  became: "What became of it",
  reason_sent: "sent",
  reason_held: "held",
  reason_dropped: "dropped",
  reason_failed: "failed",
  reason_waiting: "on its way",
  reason_on_leave: "on leave",
  reason_others: "to others",
  reason_superseded: "superseded",
  reason_suppressed: "acknowledged",
  reason_skipped: "historic",
  reason_overtaken: "withdrawn",
  reason_run_ended: "clock stopped",
  reason_next_alert: "next time",
};

export default texts;
