// SPDX-License-Identifier: Apache-2.0
export default {
  applied: "已生效",
  ignored: "未生效",
  late: "迟到",
  repeat: "重复",
  noted: "仅存档",
  rejected: "未接受",
  kept: "仅存档",
};
