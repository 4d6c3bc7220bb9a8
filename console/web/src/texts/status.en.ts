// SPDX-License-Identifier: Apache-2.0
export default {
  not_due: "Within time",
  near: "Due soon",
  overdue: "Overdue",
  met: "Done in time",
  met_late: "Done late",
  suspended: "Suspended",
  withdrawn: "Withdrawn",
};
