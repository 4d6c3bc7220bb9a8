// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "审计",
  lead: "谁在什么时候做了什么。记录前后相连，改动任何一条都会被发现。",
  verify: "校验完整性",
  verifying: "正在校验…",
  ok: "完整：{n} 条记录首尾相连，没有被改动。",
  broken: "不完整：第 {seq} 条起不再相符（{why}）。请立即保全数据并联系管理员。",
  head: "链首校验值",
  at: "时间",
  actor: "操作人",
  peer: "来源地址",
  action: "操作",
  object: "对象",
  result: "结果",
  result_ok: "成功",
  result_refused: "被拒",
  result_failed: "失败",
  detail: "详情",
  before: "之前",
  after: "之后",
  hash: "校验值",
  seq: "序号",
  from: "自",
  to: "至",
  search: "查找",
  none: "没有符合条件的记录。",
  open: "查看",
  roles: "角色",
};

export default texts;
