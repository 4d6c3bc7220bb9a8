/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures (docs/semantics.md section 9) and the counts. On-time rate = met / (met + missed);
 * a family counts once a case and unit, and a waived miss does not count.
 */
#include "console/ledger_sql.h"

/* A miss of a clock that was waived for its case stands in history, but does not count. */
#define COUNTED                                                                                    \
    "(outcome = 'met' OR NOT EXISTS (SELECT 1 FROM waivers w WHERE w.case_id = runs.case_id"       \
    " AND w.clock = runs.clock))"

static enum err figures_read(
    struct ledger *ledger, struct select *select, ledger_figure_fn *take, void *context)
{
    struct sql_stmt *stmt = NULL;
    enum err err = select_prepare(select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_figure row = {
            .family = sql_text(stmt, 0),
            .unit = sql_text(stmt, 1),
            .met = sql_i64(stmt, 2),
            .missed = sql_i64(stmt, 3),
        };
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(select);
    return err;
}

enum err ledger_family_figures(struct ledger *ledger, ledger_figure_fn *take, void *context)
{
    struct select select;
    select_init(
        &select,
        "SELECT family, '', sum(outcome = 'met'), sum(outcome = 'missed') FROM runs"
        " WHERE outcome IN ('met', 'missed') AND " COUNTED " GROUP BY family ORDER BY family");
    return figures_read(ledger, &select, take, context);
}

enum err ledger_unit_figures(
    struct ledger *ledger, int64_t misses_min, ledger_figure_fn *take, void *context)
{
    struct select select;
    select_init(
        &select, "SELECT family, unit, sum(outcome = 'met') AS met,"
                 " count(DISTINCT iif(outcome = 'missed', case_id, NULL)) AS missed FROM runs"
                 " WHERE outcome IN ('met', 'missed') AND " COUNTED
                 " GROUP BY family, unit HAVING missed >= ? ORDER BY missed DESC, family, unit");
    select_number(&select, misses_min);
    return figures_read(ledger, &select, take, context);
}

static const char *counts_text(enum count_kind kind)
{
    switch (kind) {
    case COUNT_CASES:
        return "SELECT state, light, count(*) FROM cases GROUP BY state, light";
    case COUNT_REJECTS:
        return "SELECT kind, via, count(*) FROM rejects GROUP BY kind, via";
    case COUNT_MESSAGES:
        return "SELECT state, '', count(*) FROM messages GROUP BY state";
    case COUNT_OVERDUE:
        return "SELECT '', '', count(*) FROM runs WHERE outcome = 'missed' AND stopped IS NULL";
    case COUNT_LATE_ALERTS:
        return "SELECT '', '', count(*) FROM alerts WHERE late = 1 AND status = 'fired'";
    case COUNT_KIND_COUNT:
        break;
    }
    return "";
}

enum err ledger_counts(
    struct ledger *ledger, enum count_kind kind, ledger_count_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, counts_text(kind));
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_count row = {
            .word = sql_text(stmt, 0), .other = sql_text(stmt, 1), .count = sql_i64(stmt, 2)};
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
