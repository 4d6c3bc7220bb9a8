// SPDX-License-Identifier: Apache-2.0
import type { Texts } from "../i18n";

const texts: Texts = {
  title: "My account",
  display: "Name",
  name: "Sign-in name",
  roles: "Roles",
  unit: "Unit",
  kind: "Signed in by",
  password: "Change the password",
  old: "Present password",
  new: "New password",
  again: "Once more",
  new_help: "12 characters at least; common ones are refused",
  not_same: "The two are not the same.",
  change: "Change",
  changed: "Changed; other sessions have ended.",
  sessions: "Where I am signed in",
  no_account: "You came by a token or the demo: there is no password and no session.",
  no_roles: "(every right)",
};

export default texts;
