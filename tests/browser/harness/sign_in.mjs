// SPDX-License-Identifier: Apache-2.0
// Coming in: the very first account, refusals in words, a password that has to be changed, signing
// out, and DingTalk's app, whose bridge is played here and whose server is the strict stand-in.
import { PHONE } from "./browser.mjs";
import { api, assert, picture, runFacts, until, url } from "./facts.mjs";

const { link, ding } = JSON.parse(process.env.NRT_PAGES);
const PASSWORD = "a sentence that is long enough";
const NEXT = "another one that is long enough";

async function choose(desk, name, password) {
  if (name) {
    await desk.page.fill("#name", name);
  }
  await desk.page.fill("#password", password);
  await desk.page.fill("#again", password);
  await desk.page.press("#again", "Enter");
}

async function enter(desk, name, password) {
  await desk.page.goto(`${url}/`);
  await desk.page.fill("#name", name);
  await desk.page.fill("#password", password);
  await desk.page.press("#password", "Enter");
}

async function complaint(desk, words) {
  await until(words, async () => (await desk.count(".wrong")) > 0 && (await desk.text(".wrong")).includes(words));
}

const inside = (desk) => desk.page.waitForSelector("main#main");

async function the_first_link_makes_the_first_account_and_says_what_a_password_lacks(open) {
  const desk = await open();
  desk.expect("/session/setup", 422);
  await desk.page.goto(link);
  await choose(desk, "li", "too short");
  await complaint(desk, "密码至少 10 个字符");
  await choose(desk, "li", "password1234");
  await complaint(desk, "过于常见");
  assert.deepEqual(await desk.faults(), []);
  await choose(desk, "li", PASSWORD);
  await inside(desk);
  await picture(desk, "first-account");
}

async function a_link_that_was_used_says_so(open) {
  const desk = await open({ language: "en" });
  desk.expect("/session/setup", 404);
  await desk.page.goto(link);
  await choose(desk, "wang", PASSWORD);
  await complaint(desk, "this link was used or has expired");
}

async function signing_out_leaves_nothing_behind(open) {
  const desk = await open();
  await enter(desk, "li", PASSWORD);
  await inside(desk);
  await desk.page.evaluate(() => [...document.querySelectorAll("button")].find((one) => /退出/.test(one.textContent)).click());
  await desk.page.waitForSelector("#name");
  assert.deepEqual((await desk.context.cookies()).filter((one) => one.value), []);
}

async function after_five_failures_the_page_says_to_wait(open) {
  const desk = await open();
  desk.expect("/api/v1/session", 401);
  desk.expect("/api/v1/session", 429);
  await enter(desk, "nobody", "not a password");
  await complaint(desk, "用户名或密码不正确");
  for (let time = 0; time < 4; time++) {
    await Promise.all([
      desk.page.waitForResponse((answer) => answer.request().method() === "POST"),
      desk.page.press("#password", "Enter"),
    ]);
  }
  await desk.page.press("#password", "Enter");
  await until("to wait", async () => !(await desk.text(".wrong")).includes("不正确"));
}

async function a_password_that_was_given_is_changed_before_anything_else(open) {
  await api("POST", "users", { name: "given", roles: ["ops"] });
  await api("POST", "users/given/password", { password: PASSWORD });
  const desk = await open();
  await enter(desk, "given", PASSWORD);
  await desk.page.waitForSelector("#again");
  await desk.page.fill("#token", PASSWORD);
  await choose(desk, "", NEXT);
  await inside(desk);
}

/** The app around the page: what the page's library finds there, and the code it hands out. */
async function inDingTalk(open, code, user) {
  const desk = await open({ size: PHONE });
  await fetch(`${ding}/standin/push`, { method: "POST", body: JSON.stringify({ code, user }) });
  await desk.context.addInitScript((handed) => {
    const agent = "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Mobile AliApp(DingTalk/7.0.30)";
    Object.defineProperty(navigator, "userAgent", { get: () => agent });
    window.nuva = {
      isReady: true,
      require: () => (success, fail, service, method, given) => {
        window.askedOfTheApp = { service, method, corpId: given.corpId };
        success({ code: handed });
      },
    };
  }, code);
  return desk;
}

async function within_dingtalk_nobody_types_anything(open) {
  await api("POST", "users", { name: "head", roles: ["ops"], dingtalk: "ding1" });
  const desk = await inDingTalk(open, "code-of-the-app", "ding1");
  await desk.page.goto(`${url}/`);
  await inside(desk);
  assert.deepEqual(await desk.page.evaluate(() => window.askedOfTheApp),
    { service: "runtime.permission", method: "requestAuthCode", corpId: "ding0123" });
  const session = await desk.page.evaluate(async () => (await fetch("/api/v1/session")).json());
  assert.equal(session.user.name, "head");
}

async function whom_nobody_knows_within_dingtalk_is_told_so_and_may_type(open) {
  const desk = await inDingTalk(open, "code-of-a-stranger", "stranger");
  desk.expect("/session/dingtalk", 403);
  desk.expect("/session/dingtalk", 401);
  await desk.page.goto(`${url}/`);
  await complaint(desk, "钉钉");
  await desk.page.click("button.dingtalk"); /* the same code a second time */
  await complaint(desk, "钉钉登录未成功");
  assert.deepEqual(await desk.faults(), []);
  await desk.page.fill("#name", "li");
  await desk.page.fill("#password", PASSWORD);
  await desk.page.press("#password", "Enter");
  await inside(desk);
}

await runFacts([
  the_first_link_makes_the_first_account_and_says_what_a_password_lacks,
  a_link_that_was_used_says_so,
  signing_out_leaves_nothing_behind,
  after_five_failures_the_page_says_to_wait,
  a_password_that_was_given_is_changed_before_anything_else,
  within_dingtalk_nobody_types_anything,
  whom_nobody_knows_within_dingtalk_is_told_so_and_may_type,
]);
