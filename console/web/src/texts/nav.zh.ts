// SPDX-License-Identifier: Apache-2.0
export default {
  group_work: "督办",
  group_figures: "考核",
  group_rules: "规则",
  group_system: "系统",
  overview: "总览",
  overdue: "超期清单",
  cases: "办件",
  register: "登记办件",
  import: "批量导入",
  case: "办件详情",
  phone: "手机视图",
  glossary: "术语与帮助",
  account: "我的账户",
};
