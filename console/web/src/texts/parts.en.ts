// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  again: "Try again",
  wait: "Loading …",
  cancel: "Cancel",
  none: "none",
  print: "Print",
  export_csv: "Export CSV",
  export_xlsx: "Export Excel",
  export: "Export",
  new_data: "There is something new",
  show_new: "Show it",
  month: "Month",
  family: "Family",
  family_reply: "reply",
  all_families: "all families",
  all_units: "all units",
  unit: "Unit",
  from: "From",
  to: "To",
  back: "Back",
  choose_file: "Choose a file",
  more: "More",
  less: "Less",
  copy: "Copy",
  copied: "Copied.",
  close: "Close",
  yes: "yes",
  no: "no",
};

export default texts;
