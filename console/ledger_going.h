/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks that are on somebody's desk: running ones that fall due by an instant, and missed
 * ones that have not been stopped. Read page by page, so that many do not hold up the loop.
 */
#ifndef NRT_CONSOLE_LEDGER_GOING_H
#define NRT_CONSOLE_LEDGER_GOING_H

#include "console/ledger.h"

struct going_key {
    struct text case_id;
    struct text clock;
    int64_t run;
};

struct going_query {
    struct going_key after; /* empty case_id: from the first on */
    int64_t due_until;      /* included */
    int64_t limit;
};

struct ledger_going {
    struct going_key key;
    struct text title;
    struct text matter;
    struct text unit;    /* who has it now: a co-unit's clock is theirs, the others the case's */
    struct text handler; /* likewise */
    bool missed;
    int64_t due;
};

/* In the order of case, clock and run; false from the callback ends it. */
typedef bool ledger_going_fn(void *context, const struct ledger_going *row);
enum err ledger_going_runs(
    struct ledger *ledger, const struct going_query *query, ledger_going_fn *take, void *context)
    ERR_MUST_USE;

#endif
