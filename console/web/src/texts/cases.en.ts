// SPDX-License-Identifier: Apache-2.0
export default {
  note: "All registered cases. Words are looked for in titles, numbers, ids and what was written on a case.",
  case: "Case",
  viewAll: "All cases",
  viewOwn: "Of my unit",
  noneFiltered: "No case is of this kind",
  noneFilteredText: "Try another word or filter; a single character will do.",
};
