// SPDX-License-Identifier: Apache-2.0
export default {
  unit: "承办单位",
  oversight: "督查",
  ops: "运维",
  approver: "审批",
  admin: "系统管理",
  auditor: "审计",
};
