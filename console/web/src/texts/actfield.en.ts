// SPDX-License-Identifier: Apache-2.0
export default {
  text: "Text",
  reason: "Reason",
  result: "Result",
  unit: "Unit",
  handler: "Handler",
  clock: "Time limit",
  until: "Until",
  reply_by: "Answer wanted by",
  planned_end: "Planned end",
  by: "By",
  score: "Satisfaction",
  approved_by: "Approved by",
  number: "Number",
  by_help: "In the unit of the limit: wd for working days.",
  approved_by_help: "Who approved this.",
};
