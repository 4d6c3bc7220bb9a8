// SPDX-License-Identifier: Apache-2.0
// The phone: what was handed to a gateway, oldest above, newest below, and why it was sent.

import * as api from "./api.js";
import { make, replace, shortTime, longTime } from "./show.js";
import { getLanguage, t, word } from "./texts.js";

const BUBBLES_MAX = 40;
const list = document.getElementById("bubbles");
const shown = new Map(); // message id -> { element, state }

/** Text with **bold** and heading lines, the little of markdown that group robots show. */
function richText(text) {
  const box = make("div", { class: "bubble-text" });
  text.split("\n").filter((line) => line.trim() !== "").forEach((line) => {
    const heading = /^#+\s*(.*)$/.exec(line);
    const row = make(heading ? "strong" : "span", {});
    (heading ? heading[1] : line.replace(/^[>-]\s*/, "")).split("**").forEach((part, index) => {
      row.append(index % 2 ? make("strong", {}, part) : part);
    });
    box.append(row);
  });
  return box;
}

/** The rule's title; without one a word for the id, else one for the light: an id is for machines. */
export function stageName(message) {
  const named = message.stage_title || word("stage", message.stage);
  if (named !== message.stage) {
    return named;
  }
  const byLight = { green: "remind", yellow: "warn", red: "overdue" }[message.light];
  return byLight ? t("stage_" + byLight) : named;
}

export function recipient(message) {
  return message.person_name || message.person;
}

function bubble(message) {
  const why = make("button", { type: "button", class: "why" }, t("why"));
  why.addEventListener("click", () => explain(message));
  return make("li", { class: "bubble bubble-" + message.channel, "data-id": message.id },
    make("p", { class: "bubble-head" },
      make("span", { class: "bubble-channel" }, word("channel", message.channel)),
      make("b", {}, recipient(message))),
    richText(message.text),
    make("p", { class: "bubble-foot" },
      make("time", {}, shortTime(message.accepted_at)),
      make("span", { class: "tick tick-" + message.state }, word("state", message.state)),
      why));
}

function isAtEnd() {
  return list.scrollHeight - list.scrollTop - list.clientHeight < 60;
}

export function showNewest() {
  list.scrollTop = list.scrollHeight;
}

/** messages: newest first, as the service gives them. */
export function showPhone(messages, total) {
  const atEnd = isAtEnd() || shown.size === 0;
  const fresh = messages.slice(0, BUBBLES_MAX).reverse();
  const ids = new Set(fresh.map((message) => message.id));
  shown.forEach((entry, id) => {
    if (!ids.has(id)) {
      entry.element.remove();
      shown.delete(id);
    }
  });
  fresh.forEach((message) => {
    const known = shown.get(message.id);
    if (known && known.state === message.state) {
      return;
    }
    const element = bubble(message);
    if (known) {
      known.element.replaceWith(element);
    } else {
      list.append(element);
    }
    shown.set(message.id, { element, state: message.state });
  });
  document.getElementById("phone-none").hidden = fresh.length > 0;
  list.hidden = fresh.length === 0;
  document.getElementById("phone-count").textContent = total ? t("phoneCount", { n: total }) : "";
  if (atEnd) {
    showNewest();
  }
}

/** After a change of language everything is made again. */
export function forgetPhone() {
  shown.clear();
  list.textContent = "";
}

// ---- why ----

const dialog = document.getElementById("why");
const count = document.getElementById("why-count");
let explained = null;

function sentence(message) {
  if (!message.case) {
    return t("whyTest");
  }
  return t(message.due ? "whySentenceDue" : "whySentenceNoDue", {
    title: message.case_title || message.case,
    clock: message.clock_title || message.clock,
    start: longTime(message.start),
    due: longTime(message.due),
    stage: stageName(message),
    instant: longTime(message.fired_at),
    light: t((message.light || "yellow") + "Light"),
    person: recipient(message),
  });
}

function courseOf(message) {
  const steps = [
    ["courseFired", message.fired_at],
    ["courseHeld", message.held_until],
    ["courseAccepted", message.accepted_at],
    ["courseUndelivered", message.delivered_at ? null : message.undelivered_at],
    ["courseDelivered", message.delivered_at],
    ["courseRead", message.read_at],
    ["courseAcked", message.acked_at],
  ];
  return steps.filter((step) => step[1]).map((step) =>
    make("li", { class: step[0] }, make("time", {}, longTime(step[1])), make("span", {}, t(step[0]))));
}

function facts(message) {
  const reason = message.reason ? " · " + word("reason", message.reason) : "";
  return [
    ["case", message.case_title],
    ["number", message.case],
    ["unit", message.unit_name],
    ["clock", message.clock_title || message.clock],
    ["ruleVersion", message.rule_version ? t("ruleVersionOf", { n: message.rule_version }) : ""],
    ["startedAt", message.start && longTime(message.start)],
    ["due", message.due && longTime(message.due)],
    ["stage", message.case && stageName(message)],
    ["light", message.light && t(message.light + "Light")],
    ["person", recipient(message)],
    ["channel", word("channel", message.channel)],
    ["stateNow", word("state", message.state) + reason],
    ["attempts", message.attempts > 1 ? String(message.attempts) : ""],
    ["messageId", message.id],
  ].filter((fact) => fact[1]);
}

export function explain(message) {
  document.getElementById("why-sentence").textContent = sentence(message);
  replace(document.getElementById("why-course"), courseOf(message));
  const rows = [];
  facts(message).forEach(([key, value]) => {
    rows.push(make("dt", {}, t(key)), make("dd", {}, value));
  });
  replace(document.getElementById("why-list"), rows);
  explained = message;
  count.open = false;
  count.hidden = !message.case;
  dialog.showModal();
}

/** The service explains each due in both languages; asked for only when somebody looks. */
async function showCount() {
  const text = document.getElementById("why-count-text");
  if (!count.open) {
    return;
  }
  text.textContent = t("countWait");
  try {
    const path = "api/v1/cases/" + encodeURIComponent(explained.case) + "/explain?clock=" +
      encodeURIComponent(explained.clock);
    const run = (await api.get(path)).clocks.find((clock) => clock.run === explained.run);
    text.textContent = run.text[getLanguage()];
    text.scrollIntoView({ block: "nearest" });
  } catch (error) {
    text.textContent = t("countNone");
  }
}

count.addEventListener("toggle", showCount);

document.getElementById("why-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) { // the dimmed page around it
    dialog.close();
  }
});
