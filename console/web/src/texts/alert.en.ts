// SPDX-License-Identifier: Apache-2.0
export default {
  none: "No alert",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  acked: "Acknowledged",
  failed: "Not delivered",
};
