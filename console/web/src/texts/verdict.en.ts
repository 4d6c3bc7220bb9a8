// SPDX-License-Identifier: Apache-2.0
export default {
  applied: "applied",
  ignored: "no effect",
  late: "late",
  repeat: "repeated",
  noted: "kept only",
  rejected: "not accepted",
  kept: "kept only",
};
