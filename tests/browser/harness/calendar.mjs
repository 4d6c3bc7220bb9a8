// SPDX-License-Identifier: Apache-2.0
// An empty service in October, whose calendar has nothing of the year to come.
import { assert, picture, runFacts, token } from "./facts.mjs";

async function without_cases_the_page_says_what_to_do(open) {
  const desk = await open();
  await desk.enter(token);
  await desk.page.waitForSelector(".empty-title");
  assert.equal(await desk.text(".empty-title"), "还没有办件");
  assert.equal(await desk.count(".empty-actions a"), 2);
  assert.deepEqual(await desk.faults(), []);
  await picture(desk, "empty");
}

async function a_missing_year_of_the_calendar_is_a_banner(open) {
  const desk = await open();
  await desk.enter(token);
  await desk.page.waitForSelector(".banner-warn");
  assert.match(await desk.text(".banner-warn"), /2027 年/);
  await desk.page.click("button.language");
  await desk.page.waitForSelector(".banner-warn:has-text('provisional')");
}

await runFacts([without_cases_the_page_says_what_to_do, a_missing_year_of_the_calendar_is_a_banner]);
