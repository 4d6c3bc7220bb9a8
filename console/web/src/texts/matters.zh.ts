// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "事项目录",
  lead: "大项与小项。每件办件归入一个小项；时限可按事项区分。",
  count: "{main} 大项，{sub} 小项",
  matter: "事项",
  id: "编号",
  owner: "责任人",
  unit: "责任单位",
  subs: "{n} 个小项",
  open_all: "全部展开",
  close_all: "全部收起",
  search: "按名称或编号查找",
  none: "事项目录是空的。",
  none_help: "点“修改”粘贴表格导入，或逐项增加。",
  edit: "修改",
  edit_title: "修改事项目录",
  see_cases: "查看办件",
  new: "增加事项",
  parent: "所属大项",
  main: "（大项）",
  name: "名称",
};

export default texts;
