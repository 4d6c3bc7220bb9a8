/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures (docs/semantics.md section 9) and the counts, from tables that are kept as facts
 * come in. On-time rate = met / (met + missed); a waived miss does not count; a unit's misses
 * count each case once.
 */
#include "console/ledger_sql.h"

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
        &select, "SELECT family, '', sum(met) AS met, sum(missed) AS missed FROM figures"
                 " GROUP BY family HAVING sum(met) + sum(missed) > 0 ORDER BY family");
    return figures_read(ledger, &select, take, context);
}

enum err ledger_unit_figures(
    struct ledger *ledger, int64_t misses_min, ledger_figure_fn *take, void *context)
{
    struct select select;
    select_init(
        &select, "SELECT family, unit, met, missed_cases FROM figures WHERE met + missed > 0"
                 " AND missed_cases >= ? ORDER BY missed_cases DESC, family, unit");
    select_number(&select, misses_min);
    return figures_read(ledger, &select, take, context);
}

static const char *counts_text(enum count_kind kind)
{
    switch (kind) {
    case COUNT_CASES:
        return "SELECT word, other, count FROM tallies WHERE kind = 'case' AND count > 0";
    case COUNT_REJECTS:
        return "SELECT kind, via, count(*) FROM rejects GROUP BY kind, via";
    case COUNT_MESSAGES:
        return "SELECT word, '', count FROM tallies WHERE kind = 'message' AND count > 0";
    case COUNT_RECEIPTS:
        return "SELECT word, other, count FROM tallies WHERE kind = 'receipt' AND count > 0";
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
