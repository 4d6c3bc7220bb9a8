/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long work that somebody asked for: previews, each a child process that reads the ledger beside
 * us and writes its items into a file. At most JOBS_RUNNING_MAX at once, JOB_MS_MAX each; results
 * stay a day, and do not outlive the console. Sweeps are shown as jobs too, but are the ledger's.
 */
#ifndef NRT_CONSOLE_JOBS_H
#define NRT_CONSOLE_JOBS_H

#include "console/changes.h"

#define JOBS_RUNNING_MAX 2
#define JOBS_KEPT_MAX    64
#define JOB_MS_MAX       ((int64_t)30 * 60 * 1000)
#define JOB_KEPT_MS      ((int64_t)24 * 3600 * 1000)

struct jobs;

struct preview_wish {
    struct text bundle; /* JSON, as it would be applied */
    int64_t days;
    bool replan;
};

enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED, JOB_STATE_COUNT };
struct job_view {
    const char *id;
    enum job_state state;
    int64_t done;
    int64_t total;
    const char *why;
    struct text totals; /* JSON; empty until it is done */
    const char *items_path;
};

struct jobs *jobs_create(struct console *console);
void jobs_free(struct jobs *jobs); /* accepts NULL; ends the children */
/* ERR_FULL when enough are running, ERR_IO and so on with why. */
enum err jobs_preview(
    struct jobs *jobs,
    const struct preview_wish *wish,
    char ret_id[static CHANGE_ID_BYTES],
    struct err_why *why) ERR_MUST_USE;
/* False when there is no such job (any more). */
bool jobs_view(const struct jobs *jobs, struct text id, struct job_view *ret_view);
bool jobs_cancel(struct jobs *jobs, struct text id);
/* The console is about to end: so do the children. */
void jobs_stop(struct jobs *jobs);
const char *job_state_name(enum job_state state);

#endif
