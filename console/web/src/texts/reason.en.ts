// SPDX-License-Identifier: Apache-2.0
export default {
  settled: "case settled",
  person: "no longer in charge",
  overtaken: "overtaken",
  acked: "acknowledged",
};
