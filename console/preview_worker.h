/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The preview of a change over the whole ledger, in a process of its own (`nrt worker preview`):
 * it reads the ledger beside the console that writes it, one open case at a time, and never
 * writes to it. Memory is bounded by one case, by the versions that open cases refer to, and by
 * the people who get messages.
 */
#ifndef NRT_CONSOLE_PREVIEW_WORKER_H
#define NRT_CONSOLE_PREVIEW_WORKER_H

#include <stdbool.h>
#include <stdio.h>

#include "base/wall.h"
#include "rules/sms.h"

#define PREVIEW_DAYS_MAX 366

struct preview_job {
    const char *data_folder; /* with ledger.db and seal.key */
    const char *bundle_path; /* the candidate as JSON, as it would be applied */
    const char *items_path;  /* made anew, 0600: one JSON object for each run that differs */
    struct wall_ms now;
    int days; /* 1 to PREVIEW_DAYS_MAX: how far the cases go forward */
    bool replan;
    struct sms_channels channels;
};

/*
 * Writes progress to `out`, at most five lines a second, and the totals as the last line. On an
 * error `why` says what to do; the items are then incomplete and there are no totals.
 */
enum err preview_work(const struct preview_job *job, FILE *out, struct err_why *why) ERR_MUST_USE;

#endif
