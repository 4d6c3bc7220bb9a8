/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two questions about a person and a case that need the rules: was this alert's stage meant for
 * them, and when do the case's clocks ring for them next?
 */
#ifndef NRT_CONSOLE_WHY_H
#define NRT_CONSOLE_WHY_H

#include "console/console.h"

#define WHY_DAYS_AHEAD 60

/* Does a role of the stage come to this person, by the directory and the case as they are now? */
bool why_stage_means(struct console *console, const struct ledger_alert *alert, struct text person);

struct why_next {
    int64_t at;
    struct text clock;
    int64_t run;
    struct text stage;
};
typedef void why_next_fn(void *context, const struct why_next *next);
/* The first alert of each clock of the case that will be sent to this person. */
enum err why_next_alerts(
    struct console *console,
    struct text case_id,
    struct text person,
    why_next_fn *take,
    void *context) ERR_MUST_USE;

#endif
