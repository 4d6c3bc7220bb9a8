// SPDX-License-Identifier: Apache-2.0
export default {
  title: "Urge {n} {n?case:cases}",
  lead: "{n} {n?case:cases} of {units} {units?unit:units} will be urged, and their records will say so.",
  more: "… and {n} more",
  text: "What to tell them",
  textHelp: "The handler and the head of the unit get these words.",
  standard: "This case is overdue. Please deal with it now, and tell us how it stands and when it will be done.",
  replyBy: "Answer wanted by (may be empty)",
  replyByHelp: "By the end of business of that day.",
  send: "Urge",
  done: "{n} {n?case:cases} urged.",
  refused: "{n} {n?case was:cases were} not urged:",
};
