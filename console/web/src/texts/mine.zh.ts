// SPDX-License-Identifier: Apache-2.0
export default {
  overdue: "超期",
  near: "临期",
  open: "未到期",
  due: "{at} 到期",
  act: "办理",
  nothing: "现在没有您可以做的操作。",
  none_overdue: "没有超期的办件",
  none_near: "没有临期的办件",
  none_open: "没有在办的办件",
  noneText: "有新的办件或提醒时，会显示在这里。",
};
