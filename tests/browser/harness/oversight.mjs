// SPDX-License-Identifier: Apache-2.0
// Figures, accountability, paper, rules and the running of the service, as those who do it see it.
import { PHONE } from "./browser.mjs";
import { api, assert, picture, runFacts, token, until, url } from "./facts.mjs";
import { deskOf, pressOn, tabTo } from "./people.mjs";

const RANKED = "2019-07";
const PAGES = {
  rules: "/rules", "rules-edit": "/rules/edit", drafts: "/drafts", versions: "/versions", replan: "/replan",
  calendar: "/calendar?year=2019", "calendar-edit": "/calendar?year=2019&edit=1", directory: "/directory",
  people: "/directory?tab=people&unit=d02", faults: "/directory?tab=faults", "directory-edit": "/directory/edit",
  matters: "/matters", "matters-edit": "/matters/edit", ranking: `/ranking?month=${RANKED}`,
  trends: "/trends?from=2019-05&to=2019-07", accountability: "/accountability?state=all", notices: "/notices",
  "notice-new": "/notices/new", reports: "/reports", "report-month": "/reports/month/2019-06", messages: "/messages",
  why: "/why", sending: "/sending", health: "/health", rejects: "/health?tab=rejects", keys: "/health?tab=keys",
  audit: "/audit", users: "/users", tokens: "/tokens", sessions: "/sessions", account: "/account",
};

async function shown(desk, path) {
  await desk.open(path);
  await until(`${path} is there`, async () => (await desk.count(".wait")) === 0);
  await desk.settle();
}

async function every_page_can_be_used_by_everybody(open) {
  const desk = await open();
  await desk.enter(token);
  const faults = {};
  for (const [name, path] of Object.entries(PAGES)) {
    await shown(desk, path);
    assert.ok(await desk.fits(), `${name} is wider than the window`);
    assert.equal(await desk.count(".banner-bad"), 0, `${name} says that something failed`);
    const found = await desk.faults("main");
    if (found.length) {
      faults[name] = found;
    }
    await picture(desk, name);
  }
  assert.deepEqual(faults, {});
}

async function every_page_is_in_english_and_fits_a_phone(open) {
  const desk = await open({ size: PHONE, language: "en" });
  await desk.enter(token);
  for (const [name, path] of Object.entries(PAGES)) {
    await shown(desk, path);
    assert.ok(await desk.fits(), `${name} is wider than a phone`);
    const head = await desk.text("main#main h1");
    assert.ok(!/[\u4e00-\u9fff]/.test(head) || name === "report-month", `${name}: ${head}`);
    await picture(desk, `${name}-phone-en`);
  }
}

async function the_ranking_shows_the_figures_of_the_service(open) {
  const desk = await deskOf(open, "zhou", ["oversight"]);
  const figures = await api("GET", `figures/units?month=${RANKED}`);
  await shown(desk, `/ranking?month=${RANKED}`);
  const rate = `${(figures.families[0].on_time_rate * 100).toFixed(1)}%`;
  assert.ok((await desk.text(".totals")).includes(rate), rate);
  assert.equal(await desk.count("tbody tr"), figures.ranking.length);
  const most = Math.max(...figures.ranking.map((row) => row.missed));
  await desk.page.click("th button:has-text('超期'):not(:has-text('未办'))");
  await until("the most misses first", async () =>
    (await desk.text("tbody tr:first-child td:nth-child(5)")) === String(most));
  const name = await desk.text("tbody tr:first-child td:nth-child(2) a:first-child");
  const { unit } = figures.ranking.find((row) => row.unit_name === name);
  await desk.page.click("tbody tr:first-child td:nth-child(2) a:first-child");
  await until("its cases", async () => desk.page.url().includes(`#/cases?unit=${unit}`));
}

async function the_monthly_report_goes_on_paper(open) {
  const desk = await deskOf(open, "zhou", ["oversight"]);
  await shown(desk, "/reports/month/2019-06");
  await desk.page.waitForSelector(".report .chart svg");
  const report = await api("GET", "reports/month/2019-06");
  assert.ok((await desk.text(".report")).includes(report.title));
  const pdf = await desk.page.pdf({ preferCSSPageSize: true });
  assert.ok(pdf.length > 20000, `${pdf.length} bytes`);
  const saved = desk.page.waitForEvent("download");
  await desk.page.click("button:has-text('Excel')");
  assert.match((await saved).suggestedFilename(), /2019年6月.*\.xlsx$/);
}

async function a_notice_is_seen_before_it_is_issued_and_printed(open) {
  const desk = await deskOf(open, "zhou", ["oversight"]);
  const late = await api("GET", "overdue?limit=1");
  const row = late.items[0];
  await shown(desk, "/notices/new");
  await desk.page.selectOption("#notice-unit", row.unit);
  await desk.page.check(".pick >> nth=0 >> input");
  await desk.page.fill("#notice-reply", "2019-07-26T17:30");
  await desk.page.fill("#notice-text", "请说明原因。");
  await desk.page.waitForSelector(".paper");
  const sheet = await desk.text(".paper");
  assert.ok(sheet.includes("催办通知书") && sheet.includes(row.unit_name) && sheet.includes("请说明原因。"), sheet);
  assert.deepEqual(await desk.faults(), []);
  await picture(desk, "notice-preview");
  await desk.page.click("button:has-text('签发')");
  await desk.page.click("dialog[open] button[type=submit]");
  await desk.page.waitForSelector(".paper-desk.reading .paper");
  const number = await desk.text(".paper-number");
  assert.match(number, /〔2019〕1号/);
  await picture(desk, "notice");
  const pdf = (await desk.page.pdf({ preferCSSPageSize: true })).toString("latin1");
  assert.equal((pdf.match(/\/Type \/Page\b/g) ?? []).length, 1, "one sheet");
  assert.match(pdf, /\/MediaBox \[0 0 59[45]/, "A4 upright");
  await shown(desk, "/notices");
  assert.ok((await desk.text("tbody")).includes(number));
}

async function a_unit_states_its_side_and_oversight_decides(open) {
  const list = await api("GET", "accountability?state=open");
  assert.ok(list.items.length > 0, "somebody has misses enough");
  const entry = list.items[0];
  const unit = await deskOf(open, "unit-person", ["unit"], entry.unit);
  await shown(unit, "/accountability");
  await unit.page.click("tbody a");
  await unit.page.click("button:has-text('说明情况')");
  await unit.page.fill("#statement-text", "经办人调离，交接不及时，已落实专人。");
  await unit.page.click("dialog[open] button[type=submit]");
  await until("the statement", async () => (await unit.text(".statement")).includes("已落实专人"));
  assert.equal(await unit.count("button:has-text('作出处理')"), 0);

  const oversight = await deskOf(open, "zhou", ["oversight"]);
  await shown(oversight, `/accountability/${encodeURIComponent(entry.id)}`);
  assert.ok((await oversight.text("main")).includes("已落实专人"));
  assert.deepEqual(await oversight.faults(), []);
  await picture(oversight, "accountability-entry");
  await oversight.page.click("button:has-text('作出处理')");
  await oversight.page.fill("#outcome-text", "已约谈主要负责人。");
  await oversight.page.click("dialog[open] button[type=submit]");
  await until("the outcome", async () => (await oversight.text("main")).includes("已约谈主要负责人"));
  const after = await api("GET", `accountability/${encodeURIComponent(entry.id)}`);
  assert.equal(after.state, "closed");
  assert.equal(after.outcome.kind, "interviewed");
  assert.equal(after.outcome.by, "zhou");
}

async function a_waived_miss_counts_no_more(open) {
  const { items } = await api("GET", "accountability?state=open");
  const entry = items.find((one) => one.misses === 3);
  assert.ok(entry, "somebody has just enough misses");
  const desk = await deskOf(open, "zhou", ["oversight"]);
  await shown(desk, `/accountability/${encodeURIComponent(entry.id)}`);
  await desk.page.click("tbody tr:first-child button:has-text('免责')");
  await desk.page.fill("#waive-by", "分管副市长");
  desk.expect("/api/v1/accountability/", 404);
  await desk.page.click("dialog[open] button[type=submit]");
  await until("the list again", async () => desk.page.url().endsWith("#/accountability"));
  const after = await api("GET", "accountability?state=open");
  assert.ok(!after.items.some((one) => one.id === entry.id), "the entry is gone");
}

/** By keyboard alone, from the form to the version in force. */
async function a_rule_is_published_by_two_people_with_keyboards(open) {
  const before = await api("GET", "rules");
  const author = await deskOf(open, "li", ["ops"]);
  await shown(author, "/rules/edit");
  await tabTo(author, ".clock-form input.mono");
  await author.page.keyboard.press("Control+A");
  await author.page.keyboard.type("wrong");
  author.expect("/api/v1/rules", 422);
  await pressOn(author, ".change-side button:has-text('检查')");
  await author.page.waitForSelector(".findings .tag-bad");
  await author.page.focus("main#main");
  await tabTo(author, ".clock-form input.mono");
  await author.page.keyboard.press("Control+A");
  await author.page.keyboard.type("20wd");
  await pressOn(author, ".change-side button:has-text('检查')");
  await author.page.waitForSelector(".change-side .change-lines li");
  assert.ok((await author.text(".change-side .change-lines")).includes("20 个工作日"));
  await tabTo(author, "#change-note");
  await author.page.keyboard.type("延长请示答复期限");
  await pressOn(author, ".change-side button[type=submit]");
  await author.page.waitForSelector(".steps");
  const id = /drafts\/(\w+)/.exec(author.page.url())[1];
  assert.equal(await author.count("button:has-text('批准')"), 0, "nobody approves their own");
  await pressOn(author, ".preview button[type=submit]");
  await author.page.waitForSelector(".preview .numbers", { timeout: 30000 });
  await author.settle();
  assert.deepEqual(await author.faults(), []);
  await picture(author, "draft-preview");

  const approver = await deskOf(open, "wang", ["approver"]);
  await shown(approver, "/drafts");
  await pressOn(approver, `a[href='#/drafts/${id}']`);
  await pressOn(approver, ".page-tools button:has-text('批准')");
  await pressOn(approver, "dialog[open] button[type=submit]");
  await pressOn(approver, ".page-tools button:has-text('立即生效')");
  await pressOn(approver, "dialog[open] button[type=submit]");
  await until("it is in force", async () => (await approver.text("main")).includes("已生效"));
  const after = await api("GET", "rules");
  assert.equal(after.version, before.version + 1);
  assert.ok(after.files[0].text.includes("20wd"));
  const draft = await api("GET", `drafts/${id}`);
  assert.equal(draft.by, "li");
  assert.equal(draft.approved_by, "wang");
}

async function of_two_editors_neither_loses_anything(open) {
  const desk = await deskOf(open, "li", ["ops"]);
  await shown(desk, "/matters/edit");
  await desk.page.click(".edit-table tbody tr:nth-child(1) button");
  await desk.page.fill("#matter-title", "我改的名称");
  await desk.page.press("#matter-title", "Enter");
  await until("it is in the table", async () => (await desk.text(".edit-table tbody tr:nth-child(1)")).includes("我改的名称"));
  const rules = await api("GET", "rules");
  const files = rules.files.map((file) => ({ ...file, text: file.text.replace(/"limit": "[0-9]+wd"/, '"limit": "18wd"') }));
  const draft = await api("POST", "drafts", { kind: "rules", files, by: "zhao", note: "他人的改动" });
  await api("POST", `drafts/${draft.draft}/approve`, { by: "qian" });
  await api("POST", `drafts/${draft.draft}/apply`, { by: "qian" });
  await desk.page.fill("#change-note", "改名");
  desk.expect("/api/v1/drafts", 409);
  await desk.page.click(".change-side button[type=submit]");
  await desk.page.waitForSelector("dialog[open] .change-lines");
  await until("it says what the other one did", async () => (await desk.text("dialog[open]")).includes("18 个工作日"));
  await picture(desk, "conflict");
  await desk.page.click("dialog[open] footer button >> nth=2");
  await until("it is closed", async () => (await desk.count("dialog[open]")) === 0);
  assert.ok((await desk.text(".edit-table tbody tr:nth-child(1)")).includes("我改的名称"), "mine is still there");
  await desk.page.click(".change-side button[type=submit]");
  await desk.page.waitForSelector(".steps");
  await until("the draft says so", async () => (await desk.text("main")).includes("我改的名称"));
}

async function a_day_is_closed_through_a_draft(open) {
  const desk = await deskOf(open, "li", ["ops"]);
  await shown(desk, "/calendar?year=2019&edit=1");
  await desk.page.click("button.day[aria-label^='2019-08-12']");
  await desk.page.check("dialog[open] input[value=closure]");
  await desk.page.fill("#day-name", "台风");
  await desk.page.click("dialog[open] button[type=submit]");
  await until("it is marked", async () => (await desk.count("button.day-closure")) === 1);
  await desk.page.click(".change-side button:has-text('检查')");
  await desk.page.waitForSelector(".change-side .change-lines li");
  assert.ok((await desk.text(".change-side .change-lines")).includes("台风"));
  await picture(desk, "calendar-closure");
  await desk.page.click("button:has-text('放弃改动')");
  await desk.page.click("dialog[open] button[type=submit]");
  await until("it is as before", async () => (await desk.count("button.day-closure")) === 0);
}

async function a_pasted_table_of_people_becomes_a_change(open) {
  const desk = await deskOf(open, "li", ["ops"]);
  await shown(desk, "/directory/edit");
  await desk.page.click("button:has-text('导入表格')");
  await desk.page.fill("dialog[open] textarea", "编号,姓名,单位,手机\nd02-new,\"李, 新\",d02,13900001111\n,缺编号,d02,\n");
  await desk.page.click("dialog[open] button[type=submit]");
  await desk.page.waitForSelector("dialog[open] .wrong li");
  const result = await desk.text("dialog[open]");
  assert.ok(result.includes("新增 1") && result.includes("第 3 行缺少 id"), result);
  await desk.page.click("dialog[open] button:has-text('关闭')");
  await desk.page.click(".change-side button:has-text('检查')");
  await desk.page.waitForSelector(".change-side .change-lines li");
  const told = await desk.text(".change-side");
  assert.ok(told.includes("李, 新") || told.includes("d02-new"), told);
  assert.ok(!told.includes("13900001111"), "no number is repeated");
  await desk.page.click("button:has-text('放弃改动')");
  await desk.page.click("dialog[open] button[type=submit]");
}

async function sending_is_stopped_for_a_reason_and_goes_on(open) {
  const desk = await deskOf(open, "li", ["ops"]);
  await shown(desk, "/sending");
  await desk.page.click(".page-tools button.danger");
  assert.ok(await desk.page.isDisabled("dialog[open] button[type=submit]"), "a reason is asked for");
  await desk.page.check("dialog[open] input[value=channel]");
  await desk.page.fill("#stop-reason", "网关维护");
  await desk.page.click("dialog[open] button[type=submit]");
  await until("it is stopped", async () => (await desk.count(".stops li")) === 1);
  assert.ok((await desk.text(".stops")).includes("网关维护"));
  assert.deepEqual(await desk.faults(), []);
  const now = await api("GET", "sending");
  assert.equal(now.stops[0].by, "li");
  await desk.page.click(".stops button");
  await desk.page.click("dialog[open] button[type=submit]");
  await until("it goes on", async () => (await desk.count(".stops li")) === 0);
}

async function a_message_shows_its_proof_and_why_it_came(open) {
  const desk = await deskOf(open, "zhou", ["oversight"]);
  await shown(desk, "/messages");
  await desk.page.click("tbody tr:first-child button:has-text('查看')");
  await desk.page.waitForSelector("dialog[open] .proof li.reached");
  assert.ok((await desk.text("dialog[open] .proof")).includes("网关受理"));
  assert.deepEqual(await desk.faults(), []);
  await picture(desk, "message-proof");
  await desk.page.keyboard.press("Escape");
  const { items } = await api("GET", "messages?handed_over=1&limit=50");
  const sent = items.find((one) => one.case && !one.digest);
  await shown(desk, `/why?person=${sent.person}&date=${sent.at.slice(0, 10)}`);
  await desk.page.waitForSelector("tbody .tag-good");
}

async function an_account_is_made_and_the_trail_tells_of_it(open) {
  const admin = await deskOf(open, "sun", ["admin"]);
  await shown(admin, "/users");
  await admin.page.click(".page-tools button");
  await admin.page.fill("#user-name", "new-one");
  await admin.page.check("dialog[open] input[value=auditor]");
  await admin.page.click("dialog[open] button[type=submit]");
  await admin.page.waitForSelector("dialog[open] .secret");
  assert.ok((await admin.text("dialog[open] .secret")).includes("#/setup/"));
  assert.deepEqual(await admin.faults(), []);
  await admin.page.keyboard.press("Escape");
  assert.equal(await admin.count("nav.side a[href='#/cases']"), 0, "an administrator sees no cases");

  const auditor = await deskOf(open, "wu", ["auditor"]);
  await shown(auditor, "/audit?action=user.add");
  assert.ok((await auditor.text("tbody")).includes("new-one"));
  await auditor.page.click("button:has-text('校验完整性')");
  await auditor.page.waitForSelector(".banner-good");
  assert.ok((await auditor.text(".banner-good")).includes("完整"));
}

await runFacts([
  every_page_can_be_used_by_everybody,
  every_page_is_in_english_and_fits_a_phone,
  the_ranking_shows_the_figures_of_the_service,
  the_monthly_report_goes_on_paper,
  a_notice_is_seen_before_it_is_issued_and_printed,
  a_unit_states_its_side_and_oversight_decides,
  a_waived_miss_counts_no_more,
  a_rule_is_published_by_two_people_with_keyboards,
  of_two_editors_neither_loses_anything,
  a_day_is_closed_through_a_draft,
  a_pasted_table_of_people_becomes_a_change,
  sending_is_stopped_for_a_reason_and_goes_on,
  a_message_shows_its_proof_and_why_it_came,
  an_account_is_made_and_the_trail_tells_of_it,
]);
