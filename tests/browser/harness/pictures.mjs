// SPDX-License-Identifier: Apache-2.0
// Pictures of the pages for the documents: node pictures.mjs FOLDER NAME=HASH...; see screenshots.
import fs from "node:fs";
import path from "node:path";
import { Chromium, DESKTOP, PHONE } from "./browser.mjs";
import { token, url } from "./facts.mjs";

const [, , folder, ...wanted] = process.argv;
const chromium = await Chromium.start();
fs.mkdirSync(folder, { recursive: true });
for (const [name, hash, size] of wanted.map((one) => {
  const [left, right] = [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)];
  return [left, right, left.startsWith("phone") ? PHONE : DESKTOP];
})) {
  const desk = await chromium.desk({ size, language: name.endsWith("-en") ? "en" : "zh", url });
  await desk.enter(token);
  await desk.open(hash);
  await desk.page.waitForLoadState("load");
  for (const button of await desk.page.locator(".clocks button.link, .timeline button.link").all()) {
    await button.click();
  }
  await desk.settle();
  if (await desk.count(".chart-box")) {
    await desk.page.waitForSelector(".chart-box svg");
  }
  await desk.page.screenshot({ path: path.join(folder, `${name}.png`) });
  await desk.close();
}
await chromium.stop();
