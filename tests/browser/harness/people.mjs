// SPDX-License-Identifier: Apache-2.0
// People at their desks: accounts made by their one-time link, and what a keyboard alone reaches.
import { api, url } from "./facts.mjs";

export const PASSWORD = "a sentence that is long enough";
const made = new Set();

/** An account with these roles; its password is chosen by the one-time link, as a person does. */
async function account(open, name, roles, unit) {
  await api("POST", "users", { name, display: name, roles, unit });
  const { link } = await api("POST", `users/${name}/link`, {});
  const desk = await open();
  await desk.page.goto(`${url}/${link.slice(link.indexOf("#"))}`);
  await desk.page.fill("#name", name);
  await desk.page.fill("#password", PASSWORD);
  await desk.page.fill("#again", PASSWORD);
  await desk.page.press("#again", "Enter");
  await desk.page.waitForSelector("main#main");
  made.add(name);
  return desk;
}

/** A desk at which that person has signed in. */
export async function deskOf(open, name, roles, unit = "", options = {}) {
  if (!made.has(name)) {
    const first = await account(open, name, roles, unit);
    if (Object.keys(options).length === 0) {
      return first;
    }
  }
  const desk = await open(options);
  await desk.signIn(name, PASSWORD);
  return desk;
}

/** Presses Tab until the element has the focus: what a keyboard alone reaches. */
export async function tabTo(desk, selector, most = 160) {
  const wanted = desk.page.locator(selector).first();
  await wanted.waitFor();
  for (let press = 0; press < most; press++) {
    if (await wanted.evaluate((one) => one === document.activeElement)) {
      return;
    }
    await desk.page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}`);
}

export async function pressOn(desk, selector, key = "Enter") {
  await tabTo(desk, selector);
  await desk.page.keyboard.press(key);
}
