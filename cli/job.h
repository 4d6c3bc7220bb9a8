/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work that the console does in the background: wait for it with a bar on the terminal, then read
 * what it found.
 */
#ifndef NRT_CLI_JOB_H
#define NRT_CLI_JOB_H

#include "cli/rules.h"

/*
 * Ask again and again until the job is done; the bar goes to stderr, and only to a terminal. The
 * last state as JSON. EXIT_FOUND, said on stderr, when it failed. The caller frees.
 */
int job_wait(
    const struct rules *rules, struct text id, const char *what, struct json_doc **ret_doc);

/*
 * Wait for a job that the service begins by itself a moment later; EXIT_FOUND without a word when
 * it does not show up.
 */
int job_wait_for(
    const struct rules *rules, const char *id, const char *what, struct json_doc **ret_doc);

/*
 * Its list, page after page, at most `limit` items (0: all): each is handed over once.
 */
typedef void job_item_fn(void *context, const struct json_value *item);
int job_items(
    const struct rules *rules, struct text id, int64_t limit, job_item_fn *take, void *context);

#endif
