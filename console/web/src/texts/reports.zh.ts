// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "通报与简报",
  lead: "月度通报可直接打印或导出；每日简报和每周清单在这里预览，与实际发送的一致。",
  month: "月度通报",
  month_lead: "单位排名、按时办结率、同比环比、问责线索。",
  open_month: "打开 {month} 通报",
  brief: "每日简报",
  brief_lead: "每天 8:20 发给督查部门和领导。",
  week: "每周清单",
  week_lead: "每周发给各单位主要负责人：本单位的超期与将到期办件。",
  date: "日期",
  unit: "单位",
  show: "预览",
  none: "没有内容：这一天没有需要报告的办件。",
  comparison: "对比",
  previous: "上月",
  last_year: "去年同月",
  this_month: "本月",
  figure: "指标",
  ranking: "单位排名",
  accountability: "问责线索",
  accountability_none: "本月没有新增问责线索。",
  print: "打印通报",
  export: "导出 Excel",
  previous_month: "上月",
  next_month: "下月",
  misses: "超期 {n} 次",
};

export default texts;
