/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the console does at a time of each working day: the morning message (settings `morning`),
 * the brief and the weekly list (`brief`, `weekly`), the canary and the look whether it has arrived
 * (settings `ops.canary`). In stepped mode the stepper turns it, so that every step stops there;
 * else it looks at the clock itself. What was missed by more than DAILY_LATE_MS is left out.
 */
#ifndef NRT_CONSOLE_DAILY_H
#define NRT_CONSOLE_DAILY_H

#include "console/console.h"

#define DAILY_LATE_MS ((int64_t)3600 * 1000)

struct daily;

/* NULL when memory is out. */
struct daily *daily_create(struct console *console);
void daily_free(struct daily *daily); /* accepts NULL */
/* When there is something to do next; false: never. */
bool daily_next(const struct daily *daily, struct wall_ms *ret_at);
bool daily_is_busy(const struct daily *daily);
/* Do what is due. */
void daily_go(struct daily *daily);

#endif
