/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the sums of the figures (docs/figures.md) and the counts, from tables that are kept as
 * facts come in (console/ledger_figures_write.c). No rate is made here.
 */
#include "console/ledger_figures.h"

#include "console/ledger_sql.h"

/* ---- sums ---- */

struct dimension {
    unsigned by;
    const char *column;
};
static const struct dimension dimensions[] = {
    {FIGURE_BY_MONTH, "month"},
    {FIGURE_BY_UNIT, "unit"},
    {FIGURE_BY_MATTER, "matter"},
    {FIGURE_BY_FAMILY, "family"},
};
#define DIMENSION_COUNT (sizeof(dimensions) / sizeof(dimensions[0]))

/* "SELECT month, '', ..." : what is not asked for is one value. */
static void sums_head(struct select *select, const struct figure_query *query, const char *sums)
{
    select_init(select, "SELECT ");
    for (size_t index = 0; index < DIMENSION_COUNT; index++) {
        const struct dimension *dimension = &dimensions[index];
        const char *nothing = dimension->by == FIGURE_BY_MONTH ? "0" : "''";
        buf_format(
            &select->sql, "%s%s", index > 0 ? ", " : "",
            query->by & dimension->by ? dimension->column : nothing);
    }
    buf_string(&select->sql, sums);
}

static void sums_where(struct select *select, const struct figure_query *query)
{
    static const struct scope everything = {.all = true};
    if (query->from > 0) {
        select_where(select, "month >= ?");
        select_number(select, query->from);
    }
    if (query->until > 0) {
        select_where(select, "month <= ?");
        select_number(select, query->until);
    }
    select_equal(select, "unit", query->unit);
    select_equal(select, "matter", query->matter);
    select_scope(select, "unit", query->scope ? query->scope : &everything);
}

static void sums_group(struct select *select, const struct figure_query *query)
{
    const char *joint = " GROUP BY ";
    for (size_t index = 0; index < DIMENSION_COUNT; index++) {
        if (query->by & dimensions[index].by) {
            buf_format(&select->sql, "%s%s", joint, dimensions[index].column);
            joint = ", ";
        }
    }
}

static void sums_of_row(struct sql_stmt *stmt, struct figure_sums *sums)
{
    *sums = (struct figure_sums){
        .matter = sql_text(stmt, 2),
        .row.month = (int32_t)sql_i64(stmt, 0),
        .row.unit = sql_text(stmt, 1),
        .row.family = sql_text(stmt, 3),
    };
}

typedef void sums_values_fn(struct sql_stmt *stmt, struct figure_sums *sums);

static enum err sums_read(
    struct ledger *ledger,
    struct select *select,
    sums_values_fn *values,
    ledger_sums_fn *take,
    void *context)
{
    struct sql_stmt *stmt = NULL;
    enum err err = select_prepare(select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        struct figure_sums sums;
        sums_of_row(stmt, &sums);
        values(stmt, &sums);
        if (!take(context, &sums)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(select);
    return err;
}

static void run_values(struct sql_stmt *stmt, struct figure_sums *sums)
{
    sums->row.met = sql_i64(stmt, 4);
    sums->row.missed = sql_i64(stmt, 5);
}

/* Matters are summed up beforehand where nobody asks for them. */
static bool asks_for_matters(const struct figure_query *query)
{
    return (query->by & FIGURE_BY_MATTER) || query->matter.bytes > 0;
}

enum err ledger_run_sums(
    struct ledger *ledger, const struct figure_query *query, ledger_sums_fn *take, void *context)
{
    struct select select;
    sums_head(&select, query, ", sum(met) AS met, sum(missed) AS missed FROM ");
    buf_string(&select.sql, asks_for_matters(query) ? "run_sums" : "run_totals");
    select_equal(&select, "family", query->family);
    sums_where(&select, query);
    select_where(&select, "met + missed > 0"); /* what was moved elsewhere leaves an empty row */
    sums_group(&select, query);
    return sums_read(ledger, &select, run_values, take, context);
}

static void case_values(struct sql_stmt *stmt, struct figure_sums *sums)
{
    sums->row.received = sql_i64(stmt, 4);
    sums->row.accepted = sql_i64(stmt, 5);
    sums->row.completed = sql_i64(stmt, 6);
    sums->row.handled = sql_i64(stmt, 7);
    sums->row.handled_s = sql_i64(stmt, 8);
    sums->row.resolved = sql_i64(stmt, 9);
    sums->row.ratings = sql_i64(stmt, 10);
    sums->row.satisfied = sql_i64(stmt, 11);
    sums->urged = sql_i64(stmt, 12);
}

enum err ledger_case_sums(
    struct ledger *ledger, const struct figure_query *query, ledger_sums_fn *take, void *context)
{
    struct figure_query asked = *query;
    struct select select;
    asked.by &= ~(unsigned)FIGURE_BY_FAMILY;
    sums_head(
        &select, &asked,
        ", sum(received), sum(accepted), sum(completed), sum(handled), sum(handled_s),"
        " sum(resolved), sum(ratings), sum(satisfied), sum(urged) FROM ");
    buf_string(&select.sql, asks_for_matters(query) ? "case_sums" : "case_totals");
    sums_where(&select, &asked);
    sums_group(&select, &asked);
    return sums_read(ledger, &select, case_values, take, context);
}

static void overdue_values(struct sql_stmt *stmt, struct figure_sums *sums)
{
    sums->row.missed = sql_i64(stmt, 4);
}

enum err ledger_overdue_sums(
    struct ledger *ledger, const struct figure_query *query, ledger_sums_fn *take, void *context)
{
    struct figure_query asked = *query;
    struct select select;
    asked.by &= ~(unsigned)FIGURE_BY_FAMILY;
    sums_head(&select, &asked, ", sum(open) FROM ");
    buf_string(&select.sql, asks_for_matters(query) ? "run_sums" : "run_totals");
    select_equal(&select, "family", query->family);
    sums_where(&select, &asked);
    select_where(&select, "open > 0");
    sums_group(&select, &asked);
    return sums_read(ledger, &select, overdue_values, take, context);
}

/* ---- families over all time ---- */

struct figure_taking {
    ledger_figure_fn *take;
    void *context;
};

static bool take_figure(void *context, const struct figure_sums *sums)
{
    struct figure_taking *taking = context;
    const struct ledger_figure row = {
        .family = sums->row.family,
        .unit = sums->row.unit,
        .met = sums->row.met,
        .missed = sums->row.missed,
    };
    return taking->take(taking->context, &row);
}

enum err ledger_family_figures(struct ledger *ledger, ledger_figure_fn *take, void *context)
{
    const struct figure_query query = {.by = FIGURE_BY_FAMILY};
    struct figure_taking taking = {.take = take, .context = context};
    return ledger_run_sums(ledger, &query, take_figure, &taking);
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
    select_init(&select, counts_text(kind));
    return select_counts(&select, ledger, take, context);
}
