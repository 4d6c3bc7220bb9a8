// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "Audit",
  lead: "Who did what and when. The entries are chained: a change of any of them is found.",
  verify: "Verify",
  verifying: "Verifying …",
  ok: "Whole: {n} entries, an unbroken chain.",
  broken: "Broken from entry {seq} on ({why}). Secure the data and call the administrator.",
  head: "Head of the chain",
  at: "Time",
  actor: "Who",
  peer: "From",
  action: "Act",
  object: "Object",
  result: "Result",
  result_ok: "done",
  result_refused: "refused",
  result_failed: "failed",
  detail: "Detail",
  before: "Before",
  after: "After",
  hash: "Hash",
  seq: "No.",
  from: "From",
  to: "To",
  search: "Find",
  none: "Nothing fits.",
  open: "Look",
  roles: "Roles",
};

export default texts;
