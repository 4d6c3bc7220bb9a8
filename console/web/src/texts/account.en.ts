// SPDX-License-Identifier: Apache-2.0
export default {
  unit: "Unit",
  roles: "Roles",
  expires: "Signed in until",
  version: "Version",
  password: "Change your password",
  change: "Change",
  changed: "Your password is changed.",
  sessions: "Where you are signed in",
  seen: "Last seen",
  since: "Since",
  from: "From",
  agent: "Browser",
  this: "this one",
  end: "End",
};
