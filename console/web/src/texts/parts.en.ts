// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  again: "Try again",
  wait: "Loading …",
  cancel: "Cancel",
  month: "Month",
  family_reply: "reply",
  family_accept: "acceptance",
  family_settle: "settlement",
  family_report: "report",
  all_units: "all units",
  unit: "Unit",
  back: "Back",
  choose_file: "Choose a file",
  copy: "Copy",
  copied: "Copied.",
  close: "Close",
};

export default texts;
