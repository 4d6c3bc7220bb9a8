// SPDX-License-Identifier: Apache-2.0
export default {
  text: "内容",
  reason: "理由",
  result: "结果",
  unit: "承办单位",
  handler: "经办人",
  clock: "时限",
  until: "延至",
  reply_by: "要求反馈日期",
  planned_end: "预计恢复日期",
  by: "延长",
  score: "满意度",
  approved_by: "批准人",
  number: "文号",
  by_help: "单位要与原时限一致，如工作日用 wd。",
  approved_by_help: "批准此事的领导。",
};
