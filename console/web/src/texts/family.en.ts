// SPDX-License-Identifier: Apache-2.0
export default {
  reply: "replies",
  "government-reply": "replies of the government",
  accept: "acceptance",
  feedback: "feedback",
  complete: "completion",
};
