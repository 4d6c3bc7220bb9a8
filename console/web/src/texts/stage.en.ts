// SPDX-License-Identifier: Apache-2.0
export default {
  remind: "Reminder",
  warn: "Warning",
  overdue: "Overdue alert",
  nag: "Daily alert",
  test: "Test",
};
