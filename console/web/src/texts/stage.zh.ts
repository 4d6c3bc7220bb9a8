// SPDX-License-Identifier: Apache-2.0
export default {
  remind: "提醒",
  warn: "预警",
  overdue: "超期提醒",
  nag: "每日催办",
  test: "测试",
};
