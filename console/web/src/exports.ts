// SPDX-License-Identifier: Apache-2.0
// A list as a file: small ones at once, large ones as a job of the service that is waited for.
import { reactive } from "vue";
import { download, get, post } from "./api";
import type { Params } from "./api";
import { t } from "./i18n";
import { done, failed } from "./parts/toast";

const ROWS_AT_ONCE = 5000;
const POLL_MS = 700;

export type Format = "xlsx" | "csv";

/** What is being made now, for the line that shows it. */
export const exporting = reactive({ running: false, done: 0, total: 0 });

interface Job {
  job?: string;
  state: string;
  done: number;
  total: number;
  why?: string;
}

async function asJob(what: string, format: Format, filter: Params): Promise<void> {
  const started = await post<{ job: string }>("exports", { what, format, filter });
  for (;;) {
    const job = await get<Job>(`jobs/${encodeURIComponent(started.job)}`);
    exporting.done = job.done;
    exporting.total = job.total;
    if (job.state === "done") {
      return download(`jobs/${encodeURIComponent(started.job)}/file`);
    }
    if (job.state !== "running" && job.state !== "waiting") {
      throw new Error(job.why || t("export.failed"));
    }
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
}

/** Exports what the filter shows; `rows` is how many there are, as far as that is known. */
export async function exportList(
  what: string, format: Format, filter: Params, rows: number | undefined, more = false): Promise<void> {
  if (exporting.running) {
    return;
  }
  exporting.running = true;
  exporting.done = exporting.total = 0;
  try {
    if (more || (rows ?? 0) > ROWS_AT_ONCE) {
      await asJob(what, format, filter);
    } else {
      await download(`${what}.${format}`, filter);
    }
    done(t("export.done"));
  } catch (error) {
    failed(error);
  } finally {
    exporting.running = false;
  }
}
