// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "Trends",
  lead: "Month by month: on-time rate, cases and misses. Each chart can be read as a table.",
  on_time: "On-time rate (%)",
  misses: "Met and missed",
  flow: "Received and completed",
  rates: "Accepted, completed, satisfied (%)",
  matters: "By matter",
  matter: "Matter",
  none: "There are no months to draw yet.",
  from: "From",
  to: "To",
  unit: "Unit",
};

export default texts;
