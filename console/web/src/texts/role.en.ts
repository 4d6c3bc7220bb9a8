// SPDX-License-Identifier: Apache-2.0
export default {
  unit: "Unit",
  oversight: "Oversight",
  ops: "Operations",
  approver: "Approver",
  admin: "Administrator",
  auditor: "Auditor",
};
