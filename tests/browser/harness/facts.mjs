// SPDX-License-Identifier: Apache-2.0
// Runs functions named like facts, in order; each gets desks that must not complain.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Chromium } from "./browser.mjs";

export { assert };

const settings = JSON.parse(process.env.NRT_PAGES ?? "{}");
export const url = settings.url;
export const token = settings.token;

/** Asks the service as its owner, beside the browser. */
export async function api(method, where, body) {
  const answer = await fetch(`${url}/api/v1/${where}`, {
    method, headers: { Authorization: `Bearer ${token}`, ...(body ? { "Content-Type": "application/json" } : {}) },
    body: body ? JSON.stringify(body) : undefined });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${where}: ${answer.status} ${text.slice(0, 400)}`);
  return text ? JSON.parse(text) : null;
}

/** Looks until it is true; no fixed sleep. */
export async function until(what, look, deadline = 15000) {
  const end = Date.now() + deadline;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${deadline} ms: ${what}`);
    }
    await new Promise((next) => setTimeout(next, 40));
  }
}

/** A picture for whoever wants to look: NRT_SCREENSHOTS=FOLDER. */
export async function picture(desk, name) {
  if (process.env.NRT_SCREENSHOTS) {
    await desk.page.screenshot({ path: path.join(process.env.NRT_SCREENSHOTS, `${name}.png`) });
  }
}

export async function runFacts(facts) {
  const chromium = await Chromium.start();
  const only = process.env.NRT_ONLY;
  let failed = 0;
  for (const fact of facts.filter((one) => !only || one.name.includes(only))) {
    const began = Date.now();
    const desks = [];
    const open = async (options = {}) => {
      const desk = await chromium.desk({ url, ...options });
      desks.push(desk);
      return desk;
    };
    let error = null;
    try {
      await fact(open);
    } catch (problem) {
      error = problem;
      if (process.env.NRT_SCREENSHOTS && desks.length) {
        fs.mkdirSync(process.env.NRT_SCREENSHOTS, { recursive: true });
        await desks[desks.length - 1].page.screenshot({ path: path.join(process.env.NRT_SCREENSHOTS, `FAIL-${fact.name}.png`) }).catch(() => 0);
      }
    }
    for (const desk of desks) {
      await desk.close().catch((problem) => {
        error = error ? new Error(`${error.stack}\n${problem.message}`) : problem;
      });
    }
    failed += error ? 1 : 0;
    console.log(error ? `FAIL ${fact.name}: ${error.stack ?? error}` : `ok   ${fact.name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
  await chromium.stop();
  process.exitCode = failed ? 1 : 0;
}
