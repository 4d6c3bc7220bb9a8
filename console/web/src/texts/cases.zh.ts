// SPDX-License-Identifier: Apache-2.0
export default {
  note: "登记的全部办件；关键词可查标题、文号、编号和过程中的文字。",
  case: "办件",
  viewAll: "全部办件",
  viewOwn: "本单位承办",
  noneFiltered: "没有符合条件的办件",
  noneFilteredText: "换一个关键词或条件；一个字也可以查。",
};
