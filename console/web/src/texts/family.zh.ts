// SPDX-License-Identifier: Apache-2.0
export default {
  reply: "答复",
  "government-reply": "政府答复",
  accept: "签收",
  feedback: "反馈",
  complete: "办结",
};
