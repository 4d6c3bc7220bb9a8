// SPDX-License-Identifier: Apache-2.0
export default {
  extension: "延期申请待裁定",
  objection: "退件异议待裁定",
  accept: "办件待签收",
  statement: "情况说明待提交",
  draft: "规则草稿待批准",
  dead: "发送失败的消息",
  reject: "无法使用的来件事件",
  accountability: "问责线索待处理",
};
