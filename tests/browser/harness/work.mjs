// SPDX-License-Identifier: Apache-2.0
// The day's work of an oversight office and of units, on a city's data from the real service.
import fs from "node:fs";
import { DESKTOP, PHONE } from "./browser.mjs";
import { api, assert, picture, runFacts, token, until, url } from "./facts.mjs";

/** An account with these roles, its password chosen by the one-time link as a person does. */
const PASSWORD = "a sentence that is long enough";
async function account(open, name, roles, unit = "") {
  if ((await api("GET", "users")).items.some((one) => one.name === name)) {
    return;
  }
  await api("POST", "users", { name, display: name, roles, unit });
  const { link } = await api("POST", `users/${name}/link`, {});
  const desk = await open();
  await desk.page.goto(`${url}/${link.slice(link.indexOf("#"))}`);
  await desk.page.fill("#name", name);
  await desk.page.fill("#password", PASSWORD);
  await desk.page.fill("#again", PASSWORD);
  await desk.page.press("#again", "Enter");
  await desk.page.waitForSelector("main#main h1");
}
/** The cookies of who signed in before: each of them types a password once. */
const sessions = new Map();
async function deskOf(open, name, roles, unit, options = {}) {
  const desk = await open(options);
  if (sessions.has(name)) {
    await desk.context.addCookies(sessions.get(name));
    await desk.page.goto(`${url}/`);
  } else {
    await account(open, name, roles, unit);
    await desk.signIn(name, PASSWORD);
    sessions.set(name, await desk.context.cookies());
  }
  await desk.page.waitForSelector("main#main h1");
  return desk;
}
const rows = (desk) => desk.count(".table-box tbody tr");

/** Presses Tab until the element has the focus: what a keyboard alone reaches. */
async function tabTo(desk, selector, most = 120) {
  for (let press = 0; press < most; press++) {
    const there = await desk.page.evaluate((one) => document.activeElement?.matches(one) ?? false, selector);
    if (there) {
      return;
    }
    await desk.page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}`);
}

async function a_wrong_password_and_a_wrong_token_are_refused_in_words(open) {
  const desk = await open();
  desk.expect("/api/v1/session", 401);
  await desk.page.goto(`${url}/`);
  await desk.page.fill("#name", "nobody");
  await desk.page.fill("#password", "not a password");
  await desk.page.press("#password", "Enter");
  await desk.page.waitForSelector(".wrong");
  assert.equal(await desk.text(".wrong"), "用户名或密码不正确。");
  await picture(desk, "sign-in");
  await desk.page.click("[role=tab]:nth-child(2)");
  await desk.page.fill("#token", "wrong");
  await desk.page.press("#token", "Enter");
  await until("the complaint", async () => (await desk.text(".wrong")) === "令牌不正确。");
  assert.deepEqual(await desk.faults(), []);
}

async function a_link_brings_the_token_and_forgets_it(open) {
  const desk = await open();
  await desk.enter(token);
  assert.ok(!(await desk.page.evaluate(() => location.href)).includes(token));
}

async function the_overview_shows_the_six_states_in_both_languages(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  const overview = await api("GET", "overview");
  await desk.page.waitForSelector(".tile-overdue");
  await desk.settle();
  for (const status of ["overdue", "near", "not_due", "suspended", "met_late", "met"]) {
    assert.equal(await desk.text(`.tile-${status} > b`), String(overview.statuses[status]), status);
  }
  const rate = `${(overview.families[0].on_time_rate * 100).toFixed(1)}%`;
  assert.equal(await desk.text(".tile-rate > b"), rate);
  await desk.page.waitForSelector(".chart svg");
  await picture(desk, "overview");
  assert.deepEqual(await desk.faults(), []);
  await desk.page.click("button.language");
  await until("English", async () => (await desk.text(".tile-overdue")).includes("Overdue"));
  assert.ok(!/[\u4e00-\u9fff]/.test(await desk.text("nav.side")), "the menu is English");
  await picture(desk, "overview-en");
}

async function a_figure_says_how_it_is_counted(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.page.click(".tile-rate .ask");
  await desk.page.waitForSelector("dialog[open] .definition-text");
  const definitions = await api("GET", "figures/definitions");
  const shown = await desk.text("dialog[open] .definition-text");
  assert.ok(definitions.items.some((item) => item.text.zh === shown), shown);
}

async function the_overdue_list_is_filtered_and_sorted_by_its_address(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  const all = await api("GET", "overdue?sort=due&limit=50");
  await desk.open("/overdue");
  await until("all rows", async () => (await rows(desk)) === all.items.length);
  const unit = all.items[0].unit;
  const own = all.items.filter((row) => row.unit === unit).length;
  await desk.page.selectOption(".filter-unit select", unit);
  await until("fewer rows", async () => (await rows(desk)) === own);
  assert.ok(desk.page.url().includes(`unit=${unit}`), desk.page.url());
  await desk.page.reload();
  await until("the same rows", async () => (await rows(desk)) === own);
  await desk.page.click(".filters button.bare");
  await until("all rows again", async () => (await rows(desk)) === all.items.length);
  await desk.page.click("th button:has-text('已超期')");
  await until("sorted", async () => (await desk.page.getAttribute("th[aria-sort]", "aria-sort")) !== null
    && desk.page.url().includes("sort=late"));
  await desk.settle();
  assert.deepEqual(await desk.faults(), []);
  await picture(desk, "overdue");
  await desk.page.click(".view >> nth=1");
  await until("a view", async () => desk.page.url().includes("late_from=5"));
}

async function a_view_is_kept_under_a_name(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.open("/overdue?late_from=2&sort=late");
  await desk.page.click(".views button:has-text('存为视图')");
  await desk.page.fill("#view-name", "两日以上");
  await desk.page.press("#view-name", "Enter");
  await desk.open("/overdue");
  await desk.page.click(".view a:has-text('两日以上')");
  await until("its filter", async () => desk.page.url().includes("late_from=2"));
}

async function chosen_cases_are_urged_by_keyboard_alone(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.open("/overdue");
  await desk.page.waitForSelector("tbody tr");
  const chosen = [];
  for (const nth of [1, 2]) {
    await tabTo(desk, `tbody tr:nth-child(${nth}) .check input`);
    await desk.page.keyboard.press("Space");
    chosen.push((await desk.text(`tbody tr:nth-child(${nth}) td.wide small`)).split(" ")[0]);
  }
  await desk.page.evaluate(() => document.activeElement.blur());
  await tabTo(desk, ".page-tools button:not(.quiet)");
  await desk.page.keyboard.press("Enter");
  await desk.page.waitForSelector("dialog[open]");
  assert.deepEqual(await desk.faults(), []);
  await picture(desk, "urge");
  await tabTo(desk, "#urge-text");
  await desk.page.keyboard.type("请今日反馈。");
  await tabTo(desk, "dialog button[type=submit]");
  await desk.page.keyboard.press("Enter");
  await desk.page.waitForSelector(".toast-good");
  await until("closed", async () => (await desk.count("dialog[open]")) === 0);
  for (const id of chosen) {
    const found = await until("the event", async () => {
      const one = await api("GET", `cases/${id}`);
      return one.events.find((event) => event.type === "case.urged");
    });
    assert.ok(found.event.data.text.includes("请今日反馈。"), JSON.stringify(found.event.data));
    assert.equal(found.event.data.by, "oversight");
  }
}

async function a_list_is_exported_as_it_is_filtered(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  const all = await api("GET", "overdue?sort=due&limit=50");
  await desk.open(`/overdue?unit=${all.items[0].unit}`);
  await desk.page.waitForSelector("tbody tr");
  const [csv] = await Promise.all([
    desk.page.waitForEvent("download"), desk.page.click(".page-tools button:has-text('CSV')")]);
  const text = fs.readFileSync(await csv.path(), "utf8");
  assert.ok(text.includes(all.items[0].case) || text.includes(all.items[0].case_title), text.slice(0, 400));
  for (const row of all.items.filter((one) => one.unit !== all.items[0].unit)) {
    assert.ok(!text.includes(row.case_title), row.case_title);
  }
  await until("ready again", async () => (await desk.count(".page-tools [aria-disabled=true]")) === 0);
  await tabTo(desk, "[data-format=xlsx]");
  const [xlsx] = await Promise.all([
    desk.page.waitForEvent("download"), desk.page.keyboard.press("Enter")]);
  assert.match(xlsx.suggestedFilename(), /\.xlsx$/);
  assert.equal(fs.readFileSync(await xlsx.path()).subarray(0, 2).toString(), "PK");
}

async function the_list_prints_with_its_filter_and_without_controls(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.open("/overdue?sort=late");
  await desk.page.waitForSelector("tbody tr");
  await desk.page.emulateMedia({ media: "print" });
  assert.equal(await desk.page.isVisible("nav.side"), false);
  assert.equal(await desk.page.isVisible(".filters"), false);
  assert.equal(await desk.page.isVisible(".print-head"), true);
  assert.match(await desk.text(".print-head"), /oversight/);
  const pdf = await desk.page.pdf({ preferCSSPageSize: true });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.match(pdf.toString("latin1"), /MediaBox\s*\[0 0 84[12]\S* 59[45]/);
}

async function a_case_is_registered_by_keyboard_within_a_minute(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.open("/register");
  await until("the choices", async () => (await desk.count("#matter-list li")) > 10);
  const began = Date.now();
  await tabTo(desk, "#title");
  await desk.page.keyboard.type("关于键盘登记的函");
  await desk.page.keyboard.press("Tab");
  await desk.page.keyboard.type("职称申报（初审");
  await desk.page.keyboard.press("Enter");
  await desk.page.keyboard.press("Tab");
  await desk.page.keyboard.type("市财政");
  await desk.page.keyboard.press("ArrowDown");
  await desk.page.keyboard.press("ArrowUp");
  await desk.page.keyboard.press("Enter");
  // When it will be due stands beside the form before anything is registered.
  await until("the due", async () => (await desk.text("[aria-labelledby=preview-title]")).includes("2019-07-26 17:30"));
  assert.deepEqual(await desk.faults(), []);
  await picture(desk, "register");
  await desk.page.keyboard.press("Control+Enter");
  await desk.page.waitForSelector(".banner-good");
  assert.ok(Date.now() - began < 60000);
  const id = /[（(]([^（()）]+)[)）]/.exec((await desk.text(".banner-good")).replace("关于键盘登记的函", ""))[1];
  const found = await until("the case", () => api("GET", `cases/${encodeURIComponent(id)}`).catch(() => null));
  assert.equal(found.title, "关于键盘登记的函");
  assert.equal(found.unit, "d02");
  assert.equal(await desk.page.evaluate(() => document.activeElement.id), "title", "ready for the next one");
  await desk.open(`/cases?q=${encodeURIComponent("键")}`);
  await until("found by one character", async () => (await desk.text("tbody")).includes("关于键盘登记的函"));
}

async function pasted_rows_are_checked_before_they_are_registered(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.open("/import");
  await until("the choices", async () => desk.page.evaluate(() => performance.getEntriesByType("resource")
    .some((one) => one.name.includes("choices") && one.responseEnd > 0)));
  const head = "标题\t事项\t承办单位\n";
  const good = "关于粘贴一的函\t职称申报（初审）\t市财政局\n关于粘贴二的函\t职称申报（初审）\t市财政局\n";
  await desk.page.fill("#paste", `${head}${good}第三件\t没有的事项\t没有的单位\n`);
  await desk.page.waitForSelector(".row-bad .wrong");
  assert.equal(await desk.count(".row-bad"), 1);
  assert.ok(await desk.page.isDisabled(".import-head button:has-text('登记 3 件')"));
  await picture(desk, "import");
  assert.deepEqual(await desk.faults(), []);
  await desk.page.fill("#paste", head + good);
  await desk.page.click(".import-head button:has-text('登记 2 件')");
  await desk.page.waitForSelector(".banner-good");
  await until("both", async () => (await api("GET", `cases?q=${encodeURIComponent("关于粘贴")}`)).items.length === 2);
}

async function a_workbook_is_read_as_it_is_and_its_rows_are_checked(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.open("/cases?status=suspended");
  await desk.page.waitForSelector("tbody tr");
  const count = await rows(desk);
  const [book] = await Promise.all([
    desk.page.waitForEvent("download"), desk.page.click("[data-format=xlsx]")]);
  const path = await book.path();
  await desk.open("/import");
  await desk.page.setInputFiles("input[type=file]", {
    name: "book.xlsx", mimeType: "application/octet-stream", buffer: fs.readFileSync(path) });
  await until("its rows", async () => (await desk.count(".import-head .tag")) > 0);
  assert.equal(await desk.text(".import-head h2"), `${count} 行`);
  const heads = await desk.page.locator("th select").evaluateAll((all) => all.map((one) => one.value));
  for (const wanted of ["title", "matter", "unit", "handler"]) {
    assert.ok(heads.includes(wanted), `${wanted} in ${heads}`);
  }
  // Names became ids: what is wrong is not that nobody knows them.
  assert.ok(!(await desk.text(".table-box")).includes("没有这个单位"), await desk.text(".table-box"));
  await desk.page.setInputFiles("input[type=file]", {
    name: "broken.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("PK\u0003\u0004 broken") });
  await desk.page.waitForSelector(".wrong:has-text('broken.xlsx')");
}

async function a_unit_sees_its_own_cases_only_and_does_its_work(open) {
  const all = (await api("GET", "overdue?sort=due&limit=50")).items;
  const mine = all[0];
  const foreign = all.find((row) => row.unit !== mine.unit);
  const desk = await deskOf(open, "unit", ["unit"], mine.unit);
  await desk.open("/overdue");
  await until("own rows", async () => (await rows(desk)) === all.filter((row) => row.unit === mine.unit).length);
  assert.equal(await desk.count("tbody .check"), 0, "a unit urges nobody");
  desk.expect(`/cases/${foreign.case}`, 404);
  await desk.page.goto(`${url}/#/case/${foreign.case}`);
  await desk.page.waitForSelector(".empty-title");
  await desk.open(`/case/${mine.case}`);
  await desk.page.click(".clocks button.link");
  await desk.page.waitForSelector(".explain-due");
  assert.ok((await desk.count(".explain-counted")) >= 5);
  if (await desk.count(".timeline button.link")) {
    await desk.page.click(".timeline button.link");
    await desk.page.waitForSelector(".chain-steps");
  }
  await picture(desk, "case");
  assert.deepEqual(await desk.faults(), []);
  await desk.page.click(".page-tools button:has-text('阶段反馈')");
  await desk.page.fill("#act-text", "材料已齐，明日办结。");
  await desk.page.click("dialog button[type=submit]");
  await until("on the timeline", async () => (await desk.text(".timeline")).includes("材料已齐，明日办结。"));
}

async function more_time_is_asked_for_and_granted(open) {
  // One that runs and has not been given more time before: rules allow that once.
  let row = null;
  for (const one of (await api("GET", "cases?status=not_due&sort=-due&limit=30")).items) {
    const full = await api("GET", `cases/${one.id}`);
    // What was registered by this very test has the same instant as what is done to it.
    if (one.id.startsWith("DY-") && one.next_due && !full.events.some((event) => event.type.startsWith("case.exten"))) {
      row = one;
      break;
    }
  }
  const desk = await deskOf(open, `unit-${row.unit}`, ["unit"], row.unit);
  await desk.open(`/case/${row.id}`);
  const ask = desk.page.locator(".page-tools button:has-text('申请延期')");
  if (await ask.count()) {
    await ask.click();
  } else {
    await desk.page.selectOption(".page-tools select", "extension_requested");
  }
  await desk.page.fill("#act-by", "2wd");
  await desk.page.fill("#act-reason", "需要专家评审");
  await desk.page.click("dialog button[type=submit]");
  await until("the request", async () => (await desk.text("main")).includes("申请延期"));
  const office = await deskOf(open, "oversight", ["oversight"]);
  await office.open(`/case/${row.id}`);
  await office.page.waitForSelector(".banner-warn");
  await picture(office, "extension");
  await office.page.click(".banner button:has-text('同意延期')");
  await office.page.waitForSelector("dialog[open]");
  await office.page.click("dialog button[type=submit]");
  await until("granted", async () => (await api("GET", `cases/${row.id}`)).extension?.state === "granted");
  const found = await api("GET", `cases/${row.id}`);
  assert.ok(Date.parse(found.clocks[0].due) > Date.parse(row.next_due), `${found.clocks[0].due} after ${row.next_due}`);
}

async function the_head_of_a_unit_acts_on_a_phone(open) {
  const row = (await api("GET", "overdue?sort=-due&limit=5")).items[0];
  const desk = await deskOf(open, `head-${row.unit}`, ["unit"], row.unit, { size: PHONE });
  await desk.open("/phone");
  await desk.page.waitForSelector(".handset-cards .card");
  await desk.page.click(".handset-act");
  await desk.page.waitForSelector(".handset-actions button");
  await picture(desk, "phone");
  assert.ok(await desk.fits(), "wider than the phone");
  assert.deepEqual(await desk.faults(), []);
  await desk.page.click(".handset-actions button:has-text('已阅')");
  await desk.page.click("dialog button[type=submit]");
  await until("acknowledged", async () => (await api("GET", `cases/${row.case}`)).events
    .some((event) => event.type === "case.acknowledged"));
}

async function a_stop_of_sending_stands_on_top(open) {
  await api("POST", "sending/stop", { scope: "channel:sms", by: "li", note: "网关检修" });
  const desk = await open();
  await desk.enter(token);
  await desk.page.waitForSelector(".banner-bad");
  assert.match(await desk.text(".banner-bad"), /停发.*li.*网关检修/s);
  assert.deepEqual(await desk.faults(), []);
  await api("POST", "sending/resume", { scope: "channel:sms", by: "li", note: "检修结束" });
  await desk.page.reload();
  await desk.page.waitForSelector(".tile-overdue");
  await desk.settle();
  assert.equal(await desk.count(".banner-bad"), 0);
}

async function new_data_waits_until_it_is_asked_for(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  await desk.open("/cases");
  await desk.page.waitForSelector("tbody tr");
  const before = await desk.text("tbody");
  await until("live", async () => (await desk.count(".line-live")) === 1);
  await api("POST", "cases", { title: "关于实时的函", matter: "m12.1", unit: "d05" });
  await desk.page.waitForSelector(".new-data");
  assert.equal(await desk.text("tbody"), before, "no row moves by itself");
  await desk.page.click(".new-data");
  await until("the new row", async () => (await desk.text("tbody")).includes("关于实时的函"));
}

async function a_cut_stream_says_so(open) {
  const desk = await deskOf(open, "oversight", ["oversight"]);
  desk.expect("/api/v1/live", 0);
  await desk.page.route("**/api/v1/live", (request) => request.abort());
  await desk.page.reload();
  await desk.page.waitForSelector(".banner-warn:has-text('中断')");
  await desk.page.unroute("**/api/v1/live");
  await until("live again", async () => (await desk.count(".line-live")) === 1);
  assert.equal(await desk.count(".banner-warn:has-text('中断')"), 0);
}

async function each_page_fits_and_is_accessible_at_both_sizes(open) {
  for (const [size, language] of [[DESKTOP, "en"], [PHONE, "zh"]]) {
    const desk = await open({ size, language });
    await desk.enter(token);
    for (const page of ["/", "/overdue", "/cases", "/register", "/import", "/phone", "/glossary"]) {
      await desk.open(page);
      assert.ok(await desk.fits(), `${page} is wider than ${size.width}`);
      const faults = await desk.faults();
      assert.deepEqual(faults, [], page);
      await picture(desk, `${size.width}${page.replace("/", "-")}`);
    }
  }
}

await runFacts([
  a_wrong_password_and_a_wrong_token_are_refused_in_words,
  a_link_brings_the_token_and_forgets_it,
  the_overview_shows_the_six_states_in_both_languages,
  a_figure_says_how_it_is_counted,
  the_overdue_list_is_filtered_and_sorted_by_its_address,
  a_view_is_kept_under_a_name,
  chosen_cases_are_urged_by_keyboard_alone,
  a_list_is_exported_as_it_is_filtered,
  the_list_prints_with_its_filter_and_without_controls,
  a_case_is_registered_by_keyboard_within_a_minute,
  pasted_rows_are_checked_before_they_are_registered,
  a_workbook_is_read_as_it_is_and_its_rows_are_checked,
  a_unit_sees_its_own_cases_only_and_does_its_work,
  more_time_is_asked_for_and_granted,
  the_head_of_a_unit_acts_on_a_phone,
  a_stop_of_sending_stands_on_top,
  new_data_waits_until_it_is_asked_for,
  a_cut_stream_says_so,
  each_page_fits_and_is_accessible_at_both_sizes,
]);
