/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures as the ledger keeps them (docs/figures.md): sums of runs and of cases, by month,
 * unit and matter, always within a scope of units. Rates are made from these sums by
 * rules/figures.h and nowhere else.
 */
#ifndef NRT_CONSOLE_LEDGER_FIGURES_H
#define NRT_CONSOLE_LEDGER_FIGURES_H

#include "console/actor.h"
#include "console/ledger_read.h"
#include "rules/figures.h"

/* One row for each value of the dimensions that a question asks for. */
enum figure_by {
    FIGURE_BY_MONTH = 1,
    FIGURE_BY_UNIT = 2,
    FIGURE_BY_MATTER = 4,
    FIGURE_BY_FAMILY = 8, /* of runs only */
};

struct figure_query {
    unsigned by;               /* bits of enum figure_by */
    int32_t from;              /* months, both included: 201904; 0: from the first */
    int32_t until;             /* 0: to the last */
    struct text family;        /* empty: all; of runs only */
    struct text unit;          /* empty: all */
    struct text matter;        /* empty: all */
    const struct scope *scope; /* NULL: all */
};

/* Sums; what was not asked for is empty or 0. Its texts are valid inside the callback. */
struct figure_sums {
    struct text matter;
    struct figure_row row;
    int64_t urged;
};
typedef bool ledger_sums_fn(void *context, const struct figure_sums *sums);

/* met and missed: of each family alone, which is how they are shown. */
enum err ledger_run_sums(
    struct ledger *ledger, const struct figure_query *query, ledger_sums_fn *take, void *context)
    ERR_MUST_USE;
/* Everything else of a row. */
enum err ledger_case_sums(
    struct ledger *ledger, const struct figure_query *query, ledger_sums_fn *take, void *context)
    ERR_MUST_USE;
/* Runs that are overdue and not stopped, by the unit that holds the case: `row.missed`. */
enum err ledger_overdue_sums(
    struct ledger *ledger, const struct figure_query *query, ledger_sums_fn *take, void *context)
    ERR_MUST_USE;

/*
 * The months begin as in the zone of this calendar: nothing to do when they do already, else all
 * sums are counted anew in one transaction.
 */
enum err ledger_figures_zone(
    struct ledger *ledger, const struct calendar *calendar, struct err_why *why) ERR_MUST_USE;

#endif
