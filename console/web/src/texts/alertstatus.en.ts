// SPDX-License-Identifier: Apache-2.0
export default {
  fired: "fired",
  sent: "sent",
  skipped: "too old to send",
  superseded: "part of a later one",
  suppressed: "already acknowledged",
  collapsed: "merged",
  dropped: "dropped",
  acked: "acknowledged",
  delivered: "delivered",
  pending: "under way",
  unaddressed: "nobody to tell",
};
