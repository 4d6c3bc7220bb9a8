// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  again: "再试一次",
  wait: "正在读取…",
  cancel: "取消",
  none: "无",
  print: "打印",
  export_csv: "导出 CSV",
  export_xlsx: "导出 Excel",
  export: "导出",
  new_data: "有新数据",
  show_new: "刷新",
  month: "月份",
  family: "类别",
  family_reply: "答复",
  all_families: "全部类别",
  all_units: "全部单位",
  unit: "单位",
  from: "自",
  to: "至",
  back: "返回",
  choose_file: "选择文件",
  more: "展开",
  less: "收起",
  copy: "复制",
  copied: "已复制。",
  close: "关闭",
  yes: "是",
  no: "否",
};

export default texts;
