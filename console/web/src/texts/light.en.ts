// SPDX-License-Identifier: Apache-2.0
export default {
  green: "Green",
  yellow: "Yellow",
  red: "Red",
  suspended: "Suspended",
};
