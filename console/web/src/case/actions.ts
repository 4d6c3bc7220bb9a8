// SPDX-License-Identifier: Apache-2.0
// What can be done on a case and what a form asks for it. The service names the acts that are open
// to this person now, with the data each cannot do without ("needs"); here is only how to ask.

export interface CaseAction {
  kind: string;
  needs: string[];
}

export type Ask = "text" | "line" | "unit" | "handler" | "clock" | "instant" | "period" | "score" | "pause";

export interface Question {
  name: string;
  ask: Ask;
  required: boolean;
}

/** How each member of an act's data is asked for; others are a line of text. */
const asks: Record<string, Ask> = {
  text: "text", reason: "text", result: "text",
  unit: "unit", handler: "handler", clock: "clock",
  until: "instant", reply_by: "instant", planned_end: "instant", by: "period",
  score: "score", approved_by: "line",
};

/** What is asked besides what is needed. */
const more: Record<string, string[]> = {
  feedback: ["text"],
  answered: ["result"],
  completed: ["result"],
  appealed: ["clock", "reason"],
  acknowledged: ["clock"],
  noted: ["text"],
  urged: ["text", "reply_by"],
  supervised: ["text", "reply_by"],
  extension_requested: ["by", "reason"],
  extended: ["by", "reason", "approved_by"],
  suspended: ["reason", "planned_end", "approved_by"],
  assigned: ["unit", "handler", "reason"],
  objected: ["reason"],
  returned: ["reason"],
  reopened: ["reason"],
  withdrawn: ["reason"],
  waived: ["clock", "reason", "approved_by"],
  rated: ["score", "text"],
};
const required: Record<string, string[]> = {
  feedback: ["text"], noted: ["text"], urged: ["text"], supervised: ["text"], objected: ["reason"],
  extension_requested: ["by", "reason"], extended: ["by", "reason", "approved_by"], suspended: ["reason"],
  assigned: ["unit"], returned: ["reason"], withdrawn: ["reason"], waived: ["clock", "reason", "approved_by"],
  rated: ["score"],
};

export function questions(action: CaseAction): Question[] {
  const needs = new Set([...action.needs, ...(required[action.kind] ?? [])]);
  const names = [...new Set([...(more[action.kind] ?? []), ...action.needs])];
  return names.map((name) => ({ name, ask: asks[name] ?? "line", required: needs.has(name) }));
}

/** Acts in the order they stand on the page: the day's work first, rare ones behind. */
const order = ["accepted", "acknowledged", "feedback", "answered", "completed", "struck_off", "extension_requested",
  "objected", "appealed", "urged", "supervised", "extended", "suspended", "resumed", "assigned", "returned", "reopened", "rated",
  "waived", "noted", "withdrawn"];
export const MAIN_ACTIONS = 4;

export function inOrder(actions: CaseAction[]): CaseAction[] {
  const place = (kind: string): number => (order.indexOf(kind) + order.length + 1) % (order.length + 1);
  return [...actions].sort((a, b) => place(a.kind) - place(b.kind));
}

/** What makes no sense twice is not offered twice. */
export function stillToDo(actions: CaseAction[], events: { type: string; time: string }[]): CaseAction[] {
  const last = (kind: string): number => Math.max(0, ...events.filter((event) => event.type === `case.${kind}`)
    .map((event) => Date.parse(event.time)));
  const handed = Math.max(last("assigned"), last("returned"), last("reopened"));
  return actions.filter((action) => action.kind !== "accepted" || last("accepted") <= handed);
}

/** A service that does not say what is open: by the rights alone. */
export function byRights(can: (right: string) => boolean, state: string): CaseAction[] {
  const open = state === "open" || state === "suspended";
  const unit = open ? ["accepted", "feedback", "answered", "completed", "extension_requested", "objected"] : [];
  const oversight = open
    ? ["urged", "supervised", "extended", state === "suspended" ? "resumed" : "suspended", "assigned", "noted", "withdrawn"]
    : ["struck_off", "reopened", "rated", "noted"];
  return [...(can("work") ? unit : []), ...(can("oversee") ? oversight : [])]
    .map((kind) => ({ kind, needs: [] }));
}
