// SPDX-License-Identifier: Apache-2.0
// The six states, everywhere the same words; and cases that were withdrawn.
export default {
  not_due: "未到期",
  near: "临期",
  overdue: "超期未办",
  met: "按时办结",
  met_late: "超期办结",
  suspended: "挂起",
  withdrawn: "已撤回",
};
