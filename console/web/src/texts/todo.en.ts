// SPDX-License-Identifier: Apache-2.0
export default {
  extension_requests: "Extensions asked for",
  extensions: "Extensions asked for",
  objections: "Objections to rule on",
  drafts: "Drafts to approve",
  statements: "Statements wanted",
  dead_messages: "Messages that failed",
  rejects: "Events that could not be used",
  to_accept: "To accept",
  overdue: "Overdue at your unit",
  near: "Due soon",
  appeals: "Appeals",
  accountability: "Accountability entries",
};
