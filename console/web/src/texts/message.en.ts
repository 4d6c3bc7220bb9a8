// SPDX-License-Identifier: Apache-2.0
export default {
  held: "held",
  waiting: "waiting",
  sending: "sending",
  accepted: "accepted",
  retrying: "retrying",
  rejected: "rejected",
  dropped: "dropped",
  dead: "failed",
  unsure: "unsure",
  delivered: "delivered",
  undelivered: "not delivered",
  read: "read",
  acked: "acknowledged",
};
