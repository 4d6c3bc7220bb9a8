// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  again: "再试一次",
  wait: "正在读取…",
  cancel: "取消",
  month: "月份",
  family_reply: "答复",
  family_accept: "签收",
  family_settle: "办结",
  family_report: "反馈",
  all_units: "全部单位",
  unit: "单位",
  back: "返回",
  choose_file: "选择文件",
  copy: "复制",
  copied: "已复制。",
  close: "关闭",
};

export default texts;
