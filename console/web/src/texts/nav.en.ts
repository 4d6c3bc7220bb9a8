// SPDX-License-Identifier: Apache-2.0
export default {
  group_work: "Oversight",
  group_figures: "Figures",
  group_rules: "Rules",
  group_system: "System",
  overview: "Overview",
  overdue: "Overdue",
  cases: "Cases",
  register: "Register a case",
  import: "Import",
  case: "Case",
  phone: "Phone view",
  glossary: "Glossary and help",
  account: "My account",
};
