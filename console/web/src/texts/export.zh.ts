// SPDX-License-Identifier: Apache-2.0
export default {
  xlsx: "导出 Excel",
  csv: "导出 CSV",
  print: "打印",
  help: "导出当前筛选的全部结果，表头写明筛选条件、时间和导出人",
  running: "正在导出……",
  progress: "正在导出 {done} / {total}",
  done: "已导出，请在浏览器的下载中查看。",
  failed: "导出未完成，请重试。",
};
