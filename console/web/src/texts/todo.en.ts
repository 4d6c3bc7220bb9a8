// SPDX-License-Identifier: Apache-2.0
export default {
  extension: "Extensions asked for",
  objection: "Objections to rule on",
  accept: "Cases to accept",
  statement: "Statements wanted",
  draft: "Drafts to approve",
  dead: "Messages that failed",
  reject: "Events that could not be used",
  accountability: "Accountability to decide",
};
