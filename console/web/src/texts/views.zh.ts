// SPDX-License-Identifier: Apache-2.0
export default {
  title: "常用视图",
  save: "存为视图",
  share: "复制链接",
  copied: "链接已复制，可以发给同事。",
  name: "视图名称",
  help: "当前的筛选、排序会以这个名称保存在本浏览器里。",
  drop: "删除视图 {name}",
};
