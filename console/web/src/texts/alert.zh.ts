// SPDX-License-Identifier: Apache-2.0
export default {
  none: "未提醒",
  sent: "已发出",
  delivered: "已送达",
  read: "已读",
  acked: "已阅",
  failed: "未送达",
};
