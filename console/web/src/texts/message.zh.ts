// SPDX-License-Identifier: Apache-2.0
export default {
  held: "暂缓",
  waiting: "等待",
  sending: "发送中",
  accepted: "已受理",
  retrying: "重试中",
  rejected: "被拒收",
  dropped: "已取消",
  dead: "发送失败",
  unsure: "待核实",
  delivered: "已送达",
  undelivered: "未送达",
  read: "已读",
  acked: "已阅",
};
