// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "我的账户",
  display: "姓名",
  name: "登录名",
  roles: "角色",
  unit: "单位",
  kind: "登录方式",
  password: "修改密码",
  old: "现在的密码",
  new: "新密码",
  again: "再输一次",
  new_help: "至少 12 个字符；常用密码不被接受",
  not_same: "两次输入的不一样。",
  change: "修改",
  changed: "密码已修改，其他会话已结束。",
  sessions: "我的登录",
  no_account: "您以令牌或演示身份进入，没有密码和会话。",
  no_roles: "（全部权限）",
};

export default texts;
