// SPDX-License-Identifier: Apache-2.0
export default {
  overdue: "Overdue",
  near: "Due soon",
  open: "Within time",
  due: "due {at}",
  act: "Act",
  nothing: "There is nothing for you to do now.",
  none_overdue: "Nothing is overdue",
  none_near: "Nothing is due soon",
  none_open: "Nothing is open",
  noneText: "New cases and alerts will show up here.",
};
