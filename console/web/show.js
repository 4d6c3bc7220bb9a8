// SPDX-License-Identifier: Apache-2.0
// Small helpers that make elements and write times. Text from outside only ever becomes text.

import { t, getLanguage } from "./texts.js";

/** make("td", { class: "x" }, "text", otherElement) */
export function make(name, attributes, ...children) {
  const element = document.createElement(name);
  Object.entries(attributes || {}).forEach(([key, value]) => element.setAttribute(key, value));
  children.forEach((child) => element.append(child));
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  svg.setAttribute("class", "icon icon-" + name);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", "#i-" + name);
  svg.append(use);
  return svg;
}

export function replace(element, children) {
  element.textContent = "";
  children.forEach((child) => element.append(child));
}

const two = (number) => String(number).padStart(2, "0");

/** The parts of an RFC 3339 time as it stands there: its own zone, not the browser's. */
function parts(text) {
  const match = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(text || "");
  return match ? match.slice(1).map(Number) : null;
}

/** "06-03 17:30" */
export function shortTime(text) {
  const p = parts(text);
  return p ? two(p[1]) + "-" + two(p[2]) + " " + two(p[3]) + ":" + two(p[4]) : "—";
}

/** "2019年6月3日 17:30" or "2019-06-03 17:30" */
export function longTime(text) {
  const p = parts(text);
  if (!p) {
    return "—";
  }
  const clock = two(p[3]) + ":" + two(p[4]);
  return getLanguage() === "zh"
    ? p[0] + "年" + p[1] + "月" + p[2] + "日 " + clock
    : p[0] + "-" + two(p[1]) + "-" + two(p[2]) + " " + clock;
}

/** A service time that goes on between two answers of the service. */
export class ServiceTime {
  constructor() {
    this.base = null;
  }

  set(answer) {
    const offset = /([+-])(\d\d):(\d\d)$/.exec(answer.now);
    const sign = offset && offset[1] === "-" ? -1 : 1;
    this.offsetMs = offset ? sign * (Number(offset[2]) * 60 + Number(offset[3])) * 60000 : 0;
    const speeds = { real: 1, scaled: answer.clock_speed || 1, stepped: 0 };
    this.speed = speeds[answer.clock_mode];
    this.mode = answer.clock_mode;
    this.base = Date.parse(answer.now);
    this.at = performance.now();
  }

  /** The local date and time as if it were UTC, so that getUTC* read it. */
  local() {
    const passed = (performance.now() - this.at) * this.speed;
    return new Date(this.base + passed + this.offsetMs);
  }

  text() {
    const d = this.local();
    const day = t("weekdays")[d.getUTCDay()];
    const date = d.getUTCFullYear() + "-" + two(d.getUTCMonth() + 1) + "-" + two(d.getUTCDate());
    return date + (getLanguage() === "zh" ? " 周" + day : "") + " " + this.clock();
  }

  /** Minutes mean nothing where an hour passes in a blink. */
  clock() {
    const d = this.local();
    return two(d.getUTCHours()) + ":" + (this.speed > 1000 ? "00" : two(d.getUTCMinutes()));
  }

  modeText() {
    if (this.mode === "scaled" && Math.abs(this.speed - 43200) > 1) {
      return t("mode_scaled_speed", { n: Math.round(this.speed) });
    }
    return t("mode_" + this.mode);
  }
}
