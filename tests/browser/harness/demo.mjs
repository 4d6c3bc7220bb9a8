// SPDX-License-Identifier: Apache-2.0
// What `nrt up --demo` opens on: the list on the left, the phones on the right, alive by itself.
import { assert, picture, runFacts, until, url } from "./facts.mjs";

async function the_demo_is_full_of_life_without_a_sign_in(open) {
  const desk = await open();
  await desk.page.goto(`${url}/`);
  await desk.page.waitForSelector(".tiles .tile");
  await desk.page.waitForSelector(".bubble", { timeout: 60000 });
  const met = async () => Number(await desk.text(".tile-met > b"));
  const first = await met();
  assert.ok(first > 100, `${first} cases were done in time`);
  const time = await desk.text(".top-time time");
  await until("time runs", async () => (await desk.text(".top-time time")) !== time);
  await until("figures move by themselves", async () => (await met()) !== first, 60000);
  const boxes = await desk.page.evaluate(() => [".overview-main", ".phone"].map((one) => {
    const box = document.querySelector(one).getBoundingClientRect();
    return [box.left, box.right];
  }));
  assert.ok(boxes[0][1] <= boxes[1][0], "the list is on the left, the phone on the right");
  assert.deepEqual(await desk.faults(), []);
  assert.ok(await desk.fits());
  await picture(desk, "demo");
  await desk.page.click(".bubble a >> nth=-1");
  await desk.page.waitForSelector(".chain-steps");
  assert.match(desk.page.url(), /alert=/);
}

await runFacts([the_demo_is_full_of_life_without_a_sign_in]);
