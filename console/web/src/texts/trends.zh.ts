// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "趋势",
  lead: "逐月的按时办结率、收办件和超期；图下可切换为数据表。",
  on_time: "按时办结率（%）",
  misses: "按时与超期",
  flow: "收件与办结",
  rates: "受理率、办结率、满意率（%）",
  matters: "按事项",
  matter: "事项",
  none: "还没有可以画的月份。",
  from: "自",
  to: "至",
  unit: "单位",
};

export default texts;
