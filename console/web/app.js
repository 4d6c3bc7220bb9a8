// SPDX-License-Identifier: Apache-2.0
// The page: asks for the token, shows what the service knows, follows its changes.

import * as api from "./api.js";
import { explain, forgetPhone, recipient, showNewest, showPhone, stageName } from "./phone.js";
import { ServiceTime, icon, make, replace, shortTime } from "./show.js";
import { getLanguage, setLanguage, t, word } from "./texts.js";

const by = (id) => document.getElementById(id);
const serviceTime = new ServiceTime();
const seen = { overview: null, overdue: null, messages: null, sent: null };
let overdueLimit = 10;

// ---- pieces ----

const lightName = { green: "green", yellow: "yellow", red: "red", suspended: "pause", completed: "done" };

function showLights(cases) {
  const tiles = Object.keys(lightName).map((key) =>
    make("li", { class: "tile tile-" + key + (cases[key] > 0 ? " some" : "") }, icon(lightName[key]),
      make("b", {}, String(cases[key])), make("span", {}, t(key))));
  replace(by("lights"), tiles);
}

function lateText(row) {
  if (row.late_calendar_days === 0) {
    return [make("b", {}, t("lateHours", { n: Math.max(1, Math.round(row.late_seconds / 3600)) }))];
  }
  return [
    make("b", {}, t("lateDays", { n: row.late_working_days })),
    make("small", {}, t("lateCalendar", { n: row.late_calendar_days })),
  ];
}

function overdueRow(row) {
  const light = row.light in lightName ? row.light : "red";
  return make("tr", {},
    make("td", {}, make("span", { class: "lamp lamp-" + light }, icon(lightName[light]), t(light + "Light"))),
    make("td", { class: "nowrap" }, row.unit_name, make("small", {}, row.handler_name)),
    make("td", { class: "wide" }, row.case_title || row.case,
      make("small", {}, row.case + " · " + (row.title || row.clock))),
    make("td", { class: "nowrap cell-due", "data-name": t("due") }, shortTime(row.due),
      row.provisional ? make("small", {}, t("provisional")) : ""),
    make("td", { class: "number nowrap cell-late" }, ...lateText(row)));
}

function showOverdue(list) {
  replace(by("overdue-rows"), list.items.map(overdueRow));
  by("overdue-none").hidden = list.items.length > 0;
  by("overdue-table").hidden = list.items.length === 0;
  by("overdue-more").hidden = list.next === null || overdueLimit >= 500;
  by("overdue-total").textContent = list.total > 0 ? t("overdueTotal", { n: list.total }) : "";
}

/** From October on, while the official days of the next year are missing. */
function showCalendarNote(year) {
  by("calendar-note").hidden = !year;
  by("calendar-note").textContent = year ? t("calendarMissing", { year }) : "";
}

/** Whatever keeps messages from going out stands on top of the page, for everybody to see. */
function showSending(sending) {
  const lines = sending.stops.map((stop) => t("sendingStopped", {
    scope: stop.scope, by: stop.by, at: shortTime(stop.at), note: stop.note }));
  if (sending.brake) {
    lines.push(t("sendingBraked", { reason: sending.brake.reason }));
  }
  if (sending.watch) {
    lines.push(t("sendingWatched", {
      until: shortTime(sending.watch.until), reason: sending.watch.reason }));
  }
  if (sending.unreadable) {
    lines.push(t("sendingUnreadable"));
  }
  by("sending-note").hidden = lines.length === 0;
  by("sending-note").textContent = lines.join(" · ");
}

/** Without any case there is nothing to be late: say how the first one gets in. */
function showFirstSteps(cases) {
  const some = Object.values(cases).some((count) => count > 0);
  by("overdue-none").textContent = t(some ? "overdueNone" : "casesNone");
}

function familyName(family) {
  return family === "reply" ? t("familyReply") : family;
}

function rateBlock(figure) {
  const all = figure.met + figure.missed;
  const percent = figure.on_time_rate === null ? "—" : (figure.on_time_rate * 100).toFixed(1) + "%";
  const bar = make("progress", { max: 1, value: figure.on_time_rate || 0, "aria-label": percent });
  return make("div", { class: "rate" },
    make("p", {}, make("b", {}, percent), make("span", {}, familyName(figure.family))),
    bar,
    make("small", {}, all > 0 ? t("rateOf", { met: figure.met, all }) : t("rateNone")));
}

function unitRow(unit) {
  return make("li", {},
    make("span", { class: "unit-name" }, unit.unit_name),
    make("span", { class: "dots", "aria-hidden": "true" }, "●".repeat(Math.min(unit.missed, 6))),
    make("b", {}, t("misses", { n: unit.missed })));
}

function showRates(overview) {
  const none = { family: "reply", met: 0, missed: 0, on_time_rate: null };
  const families = overview.families.length > 0 ? overview.families : [none];
  replace(by("rates"), families.map(rateBlock));
  replace(by("units"), overview.units.map(unitRow));
  by("units-none").hidden = overview.units.length > 0;
  by("units-total").textContent =
    overview.units.length > 0 ? t("unitsTotal", { n: overview.units.length }) : "";
}

function messageRow(message) {
  const reason = message.reason ? make("small", {}, word("reason", message.reason)) : "";
  const why = make("button", { type: "button", class: "link" }, message.case_title || message.case || "—");
  why.addEventListener("click", () => explain(message));
  return make("tr", {},
    make("td", { class: "nowrap" }, shortTime(message.at)),
    make("td", { class: "nowrap" }, recipient(message)),
    make("td", { class: "nowrap" }, word("channel", message.channel)),
    make("td", { class: "wide" }, why),
    make("td", {}, stageName(message)),
    make("td", { class: "nowrap cell-state" },
      make("span", { class: "state state-" + message.state }, word("state", message.state)), reason));
}

function showMessages(list) {
  replace(by("message-rows"), list.items.map(messageRow));
  by("messages-none").hidden = list.items.length > 0;
  by("messages-table").hidden = list.items.length === 0;
}

function handedOver(counts) {
  return ["accepted", "delivered", "read", "undelivered"]
    .reduce((sum, state) => sum + (counts[state] || 0), 0);
}

function showAll() {
  if (!seen.overview) {
    return;
  }
  showSending(seen.sending);
  showCalendarNote(seen.overview.calendar_missing_year);
  showLights(seen.overview.cases);
  showRates(seen.overview);
  showOverdue(seen.overdue);
  showFirstSteps(seen.overview.cases);
  showMessages(seen.messages);
  showPhone(seen.sent.items, handedOver(seen.overview.messages));
  by("mode").textContent = serviceTime.modeText();
  by("demo-note").hidden = serviceTime.mode !== "scaled";
}

function showTime() {
  if (serviceTime.base === null) {
    return;
  }
  by("now").textContent = serviceTime.text();
  by("phone-time").textContent = serviceTime.clock();
}

// ---- asking ----

let asking = false;
let askAgain = false;

/** Fetch what the page shows; changes that come meanwhile make one further round. */
async function refresh() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    do {
      askAgain = false;
      const [overview, overdue, messages, sent, sending] = await Promise.all([
        api.get("api/v1/overview"),
        api.get("api/v1/overdue?limit=" + overdueLimit),
        api.get("api/v1/messages?limit=12"),
        api.get("api/v1/messages?handed_over=1&limit=40"),
        api.get("api/v1/sending"),
      ]);
      Object.assign(seen, { overview, overdue, messages, sent, sending });
      serviceTime.set(overview);
      showAll();
    } while (askAgain);
  } finally {
    asking = false;
  }
}

function showLine(state) {
  by("line").dataset.state = state;
  by("line-text").textContent = t("line_" + state);
}

function askForToken(wrong) {
  by("main").hidden = true;
  by("sign-in").hidden = false;
  by("sign-in-wrong").hidden = !wrong;
  by("token").focus();
}

let following = false;

async function begin() {
  try {
    await refresh();
  } catch (error) {
    if (error instanceof api.NoEntry) {
      askForToken(api.hasToken());
      api.forgetToken();
    } else {
      showLine("cut");
      setTimeout(begin, 2000);
    }
    return;
  }
  by("sign-in").hidden = true;
  by("main").hidden = false;
  showNewest();
  if (!following) {
    following = true;
    showLine("live");
    api.follow(() => refresh().catch(() => showLine("cut")), showLine);
  }
}

// ---- language ----

function showLanguage() {
  document.documentElement.lang = getLanguage() === "zh" ? "zh-CN" : "en";
  document.querySelectorAll("[data-t]").forEach((element) => {
    element.textContent = t(element.dataset.t);
  });
  by("language").textContent = t("otherLanguage");
  by("language").lang = getLanguage() === "zh" ? "en" : "zh-CN";
  showLine(by("line").dataset.state);
  forgetPhone();
  showAll();
}

by("language").addEventListener("click", () => {
  setLanguage(getLanguage() === "zh" ? "en" : "zh");
  sessionStorage.setItem("nrt-language", getLanguage());
  showLanguage();
});

by("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  api.setToken(by("token").value.trim());
  by("token").value = "";
  begin();
});

by("overdue-more").addEventListener("click", () => {
  overdueLimit += 20;
  refresh();
});

api.takeTokenFromAddress();
setLanguage(sessionStorage.getItem("nrt-language") === "en" ? "en" : "zh");
showLanguage();
setInterval(showTime, 200);
begin();
