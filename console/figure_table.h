/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures of units, months and matters as every page, export and report shows them: sums of
 * the ledger within the actor's scope, rates by rules/figures.h, each figure by one definition
 * (console/figure_words.h). Who shows a figure takes it from here.
 */
#ifndef NRT_CONSOLE_FIGURE_TABLE_H
#define NRT_CONSOLE_FIGURE_TABLE_H

#include "base/json.h"
#include "console/ledger_figures.h"
#include "console/view.h"

/* In parts of ten thousand: 9710 is 97.1 %. */
struct figure_rate {
    bool known; /* false: there is nothing to divide by, which is not the same as 0 */
    int32_t share;
};

struct figure_line {
    struct text key; /* a unit, a matter or a family; empty: all of them */
    int32_t month;   /* 201904; 0: all that were asked for */
    struct figure_row
        sums; /* met and missed: of the families that are shown, or of the one asked for */
    int64_t urged;
    int64_t overdue_open; /* their due lies in the time asked for, and they run on */
    int32_t rank;         /* from 1; equal rates share one; 0: none */
    struct figure_rate on_time;
    struct figure_rate acceptance;
    struct figure_rate completion;
    struct figure_rate resolution;
    struct figure_rate satisfaction;
    struct figure_rate score; /* 10000 is 100 points */
    bool has_handling;
    int64_t handling_s; /* mean office time */
};

struct figure_table {
    struct figure_line *items;
    size_t count;
};

/*
 * By units (in the order of their ranks), by months (from the first to the last without a gap) or
 * by matters (by id), or one line of everything when `query->by` is 0. One of these bits at most.
 * The scope of the query is the actor's. All in the arena. ERR_NO_MEMORY, or the ledger's error.
 */
enum err figure_table_make(
    const struct view *view,
    const struct figure_query *query,
    struct arena *arena,
    struct figure_table *ret_table) ERR_MUST_USE;

/* met, missed and their rate of each family that is shown, by family. */
enum err figure_table_families(
    const struct view *view,
    const struct figure_query *query,
    struct arena *arena,
    struct figure_table *ret_table) ERR_MUST_USE;

/* What a table may be sorted by, with a '-' in front for descending; false: no such word. */
#define FIGURE_SORTS                                                                               \
    "rank unit on_time_rate met missed received accepted completed acceptance_rate"                \
    " completion_rate resolution_rate satisfaction_rate mean_handling_hours overdue_open urged"    \
    " score"
bool figure_table_sort(struct figure_table *table, struct text word);

/* All the figures of a line as members of an open object: met, missed, on_time_rate ... */
void figure_line_members(struct json_out *out, const struct figure_line *line);
/* "0.9710", or null. */
void figure_rate_member(struct json_out *out, const char *key, const struct figure_rate *rate);
/* Hours with two decimals, from seconds: 3.25. */
double figure_hours(int64_t seconds);

/* "2019-07" is 201907; false when it is no month. */
bool figure_month_read(struct text text, int32_t *ret_month);
#define FIGURE_MONTH_BYTES 16
const char *figure_month_text(int32_t month, char text[static FIGURE_MONTH_BYTES]);
int32_t figure_month_next(int32_t month, int32_t steps); /* steps may be negative */

#endif
