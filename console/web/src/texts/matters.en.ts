// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "Matters",
  lead: "Main items and their parts. Each case belongs to one; limits may differ by matter.",
  count: "{main} main items, {sub} parts",
  matter: "Matter",
  id: "Id",
  owner: "Owner",
  unit: "Unit",
  subs: "{n} {n?part:parts}",
  open_all: "Open all",
  close_all: "Close all",
  search: "Find by title or id",
  none: "There are no matters yet.",
  none_help: "Choose “Change” to paste a table or add one.",
  edit: "Change",
  edit_title: "Change the matters",
  see_cases: "See the cases",
  new: "Add a matter",
  parent: "Main item",
  main: "(a main item)",
  name: "Title",
};

export default texts;
