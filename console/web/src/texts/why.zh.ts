// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "为什么收到、为什么没收到",
  lead: "选一个人和一天：当天所有与其有关的提醒、去向和原因。",
  person: "人员",
  person_help: "输入姓名或编号",
  date: "日期",
  ask: "查询",
  none: "当天没有与此人有关的提醒。",
  ask_first: "选择人员和日期，然后点查询。",
  cut: "太多，只显示了一部分。",
  result: "{name}，{date}：{n} 条",
  at: "时间",
  what: "提醒",
  became: "结果与原因",
  reason_sent: "已发送",
  reason_held: "暂缓",
  reason_dropped: "取消",
  reason_failed: "未成功",
  reason_waiting: "途中",
  reason_on_leave: "请假转他人",
  reason_others: "发给他人",
  reason_superseded: "合并到后一级",
  reason_suppressed: "已有人已阅",
  reason_skipped: "历史数据",
  reason_overtaken: "作废",
  reason_run_ended: "计时已停",
  reason_next_alert: "下一次",
};

export default texts;
