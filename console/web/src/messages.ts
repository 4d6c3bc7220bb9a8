// SPDX-License-Identifier: Apache-2.0
// One message as the service tells of it, and its chain of proof in order.
export interface Message {
  id: string;
  alert: string;
  case: string;
  clock: string;
  stage: string;
  person: string;
  person_name: string;
  channel: string;
  state: string;
  at: string;
  attempts: number;
  ready: string | null;
  reason: string;
  text: string;
  held_until: string | null;
  sent_at: string | null;
  accepted_at: string | null;
  undelivered_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
  acked_at: string | null;
  gateway_id: string;
  digest: string;
  notice: string;
  for: string;
  for_name: string;
  case_title: string;
  unit_name: string;
  clock_title: string;
  stage_title: string;
  light: string;
  fired_at: string | null;
  start: string | null;
  due: string | null;
  rule_version: number;
}

export interface ProofStep {
  key: string;
  at: string | null;
  bad: boolean;
}

/** Each step, reached or not; what went wrong stands where the good step would. */
export function proofOf(message: Message): ProofStep[] {
  const steps: ProofStep[] = message.alert ? [{ key: "fired", at: message.fired_at, bad: false }] : [];
  if (message.held_until && message.held_until !== message.fired_at) {
    steps.push({ key: "held", at: message.held_until, bad: false });
  }
  steps.push({ key: "sent", at: message.sent_at, bad: false });
  steps.push({ key: "accepted", at: message.accepted_at, bad: false });
  if (message.undelivered_at && !message.delivered_at) {
    steps.push({ key: "undelivered", at: message.undelivered_at, bad: true });
  } else {
    steps.push({ key: "delivered", at: message.delivered_at, bad: false });
  }
  steps.push({ key: "read", at: message.read_at, bad: false });
  steps.push({ key: "acked", at: message.acked_at, bad: false });
  return steps;
}

/** How a state is shown: what is well, what waits, what failed. */
export function tagOf(state: string): string {
  if (["delivered", "read", "acked"].includes(state)) {
    return "tag-good";
  }
  if (["dead", "undelivered", "rejected"].includes(state)) {
    return "tag-bad";
  }
  return ["held", "retrying", "unsure", "sending"].includes(state) ? "tag-warn" : "";
}
