// SPDX-License-Identifier: Apache-2.0
export default {
  settled: "已办结",
  person: "不再负责",
  overtaken: "已不适用",
  acked: "已阅",
};
