// SPDX-License-Identifier: Apache-2.0
export default {
  fired: "已触发",
  sent: "已发出",
  skipped: "补登未发",
  superseded: "并入后一提醒",
  suppressed: "已阅不再发",
  collapsed: "并入",
  dropped: "已取消",
  acked: "已阅",
  delivered: "已送达",
  pending: "处理中",
  unaddressed: "无接收人",
};
