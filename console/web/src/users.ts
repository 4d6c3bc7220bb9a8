// SPDX-License-Identifier: Apache-2.0
// Accounts, tokens and sessions as the service tells of them.
export const ROLES = ["unit", "oversight", "ops", "approver", "admin", "auditor"] as const;
export const RIGHTS = [
  "read", "export", "register", "work", "oversee", "statement", "operate", "approve", "config.read", "messages.read",
  "people", "audit.read", "health",
] as const;

export interface Account {
  name: string;
  display: string;
  roles: string[];
  unit: string;
  unit_name: string;
  person: string;
  person_name?: string;
  dingtalk: string;
  disabled: boolean;
  has_password?: boolean;
  last_seen: string | null;
  locked_until: string | null;
  etag: string;
}

export interface TokenRow {
  id: string;
  name: string;
  rights: string[];
  unit: string;
  unit_name: string;
  expires_at: string | null;
  created: string;
  by: string;
  seen?: string | null;
}

export interface SessionRow {
  id: string;
  user: string;
  created: string;
  seen: string;
  peer: string;
  agent: string;
  current: boolean;
}

/** "Chrome 108 · Windows" of the long line that browsers send. */
export function agentWords(agent: string): string {
  const browser = /(DingTalk|MicroMessenger|Edg|Firefox|Chrome|Safari)\/([0-9]+)/.exec(agent);
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux|UOS|Kylin)/.exec(agent);
  const words = [browser ? `${browser[1].replace("Edg", "Edge")} ${browser[2]}` : "", system ? system[1] : ""];
  return words.filter((word) => word !== "").join(" · ") || agent || "—";
}
