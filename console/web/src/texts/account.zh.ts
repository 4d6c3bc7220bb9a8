// SPDX-License-Identifier: Apache-2.0
export default {
  unit: "单位",
  roles: "角色",
  expires: "登录有效至",
  version: "系统版本",
  password: "修改密码",
  change: "修改密码",
  changed: "密码已修改。",
  sessions: "登录的设备",
  seen: "最近活动",
  since: "登录时间",
  from: "来源",
  agent: "浏览器",
  this: "本机",
  end: "结束",
};
