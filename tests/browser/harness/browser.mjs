// SPDX-License-Identifier: Apache-2.0
// A browser for tests of the pages: Debian's Chromium, driven by playwright-core. Whatever a page
// complains of fails the test that is running: an error on the console, what the content security
// policy refuses, a request that failed or was refused without the test having said so.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.env.NRT_NODE_MODULES, "package.json"));
const { chromium } = require("playwright-core");
const axeSource = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const DESKTOP = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844 };
const DEADLINE_MS = 15000;

export class Chromium {
  static async start() {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "pages-"));
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN"],
      env: { ...process.env, HOME: home, TMPDIR: home },
    });
    return new Chromium(browser, home);
  }

  constructor(browser, home) {
    this.browser = browser;
    this.home = home;
  }

  async stop() {
    await this.browser.close();
    fs.rmSync(this.home, { recursive: true, force: true });
  }

  /** A desk of its own: cookies and storage are nobody else's. */
  async desk({ size = DESKTOP, language = "zh", url }) {
    const context = await this.browser.newContext({
      viewport: size, locale: "zh-CN", timezoneId: "America/New_York", acceptDownloads: true, baseURL: url });
    await context.addInitScript((one) => {
      if (!localStorage.getItem("nrt-language")) {
        localStorage.setItem("nrt-language", one);
      }
    }, language);
    const page = await context.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    return new Desk(context, page, url);
  }
}

export class Desk {
  constructor(context, page, url) {
    this.context = context;
    this.page = page;
    this.url = url;
    this.complaints = [];
    this.expected = [];
    page.on("console", (message) => {
      // The status of an answer is looked at below, where it can be told whether it was expected.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.complaints.push(`console: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.stack ?? error}`));
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      if (why !== "net::ERR_ABORTED" && !this.expects(request.url(), 0)) {
        this.complaints.push(`request: ${request.url()}: ${why}`);
      }
    });
    page.on("response", (answer) => {
      if (answer.status() >= 400 && !this.expects(answer.url(), answer.status())) {
        this.complaints.push(`answer: ${answer.status()} ${answer.url()}`);
      }
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) {
        this.complaints.push(`outside: ${request.url()}`);
      }
    });
  }

  expects(address, status) {
    return this.expected.some((one) => address.includes(one.part) && one.status === status);
  }

  /** Says beforehand that an answer may be refused so; status 0: the connection fails. */
  expect(part, status) {
    this.expected.push({ part, status });
  }

  async enter(token) {
    await this.page.goto(`${this.url}/#token=${token}`);
    await this.page.waitForSelector("main#main h1");
  }

  async signIn(name, password) {
    await this.page.goto(`${this.url}/`);
    await this.page.fill("#name", name);
    await this.page.fill("#password", password);
    await this.page.press("#password", "Enter");
    await this.page.waitForSelector("main#main");
  }

  /** Opens a page by its hash and waits until it shows its title and nothing is under way. */
  async open(hash) {
    await this.page.goto(`${this.url}/#${hash}`);
    await this.page.waitForSelector("main#main h1");
    await this.settle();
  }

  /** Nothing is being fetched but the stream, and no table says that it is busy. */
  async settle() {
    await this.page.waitForFunction(() => {
      const busy = document.querySelector("[aria-busy=true]");
      return !busy && document.fonts.status === "loaded";
    });
  }

  text(selector) {
    return this.page.innerText(selector);
  }

  count(selector) {
    return this.page.locator(selector).count();
  }

  /** What axe finds that is serious or worse, in the page or a part of it. */
  async faults(within = "html") {
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate((part) =>
      globalThis.axe.run(part, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }), within);
    return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
      .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  }

  /** No page is wider than the window. */
  fits() {
    return this.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  }

  async close() {
    await this.context.close();
    if (this.complaints.length) {
      throw new Error(`the page complained:\n${this.complaints.slice(0, 10).join("\n")}`);
    }
  }
}
