// SPDX-License-Identifier: Apache-2.0
export default {
  extension_requests: "延期申请待裁定",
  extensions: "延期申请待裁定",
  objections: "退件异议待裁定",
  drafts: "规则草稿待批准",
  statements: "情况说明待提交",
  dead_messages: "发送失败的消息",
  rejects: "无法使用的来件事件",
  to_accept: "待签收",
  overdue: "本单位超期未办",
  near: "即将到期",
  appeals: "申诉待处理",
  accountability: "问责线索待处理",
};
