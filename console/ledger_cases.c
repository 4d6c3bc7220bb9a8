/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one case, its clocks and events, and all events in the order they arrived.
 */
#include "console/ledger_rows.h"

void case_of_row(struct sql_stmt *stmt, struct ledger_case *row)
{
    *row = (struct ledger_case){
        .id = sql_text(stmt, 0),
        .title = sql_text(stmt, 1),
        .matter = sql_text(stmt, 2),
        .unit = sql_text(stmt, 3),
        .handler = sql_text(stmt, 4),
        .from_unit = sql_text(stmt, 5),
        .number = sql_text(stmt, 6),
        .labels = sql_text(stmt, 7),
        .state = sql_text(stmt, 8),
        .light = sql_text(stmt, 9),
        .created = sql_i64(stmt, 10),
        .updated = sql_i64(stmt, 11),
        .due = sql_i64(stmt, 12),
        .fault = sql_i64(stmt, 13) != 0,
        .objected = sql_instant(stmt, 14),
        .objected_by = sql_text(stmt, 15),
        .status = sql_text(stmt, 16),
    };
}

void run_of_row(struct sql_stmt *stmt, int first, struct ledger_run *run)
{
    *run = (struct ledger_run){
        .clock = sql_text(stmt, first),
        .run = sql_i64(stmt, first + 1),
        .family = sql_text(stmt, first + 2),
        .title = sql_text(stmt, first + 3),
        .start = sql_i64(stmt, first + 4),
        .due = sql_instant(stmt, first + 5),
        .provisional = sql_i64(stmt, first + 6) != 0,
        .outcome = sql_text(stmt, first + 7),
        .stopped = sql_instant(stmt, first + 8),
        .light = sql_text(stmt, first + 9),
        .unit = sql_text(stmt, first + 10),
        .handler = sql_text(stmt, first + 11),
        .rules = sql_i64(stmt, first + 12),
        .waived = sql_i64(stmt, first + 13) != 0,
        .appeal = sql_text(stmt, first + 14),
        .rule_change = sql_i64(stmt, first + 15) != 0,
        .waiting_for = sql_text(stmt, first + 16),
    };
}

void count_begin(struct select *select)
{
    select_init(select, "SELECT count(*) FROM (");
}

enum err count_end(struct select *select, struct ledger *ledger, int64_t *ret_count)
{
    buf_format(&select->sql, " LIMIT %lld)", (long long)ledger_few(ledger) + 1);
    return select_count(select, ledger, ret_count);
}

enum err ledger_case_read(
    struct ledger *ledger, struct text id, ledger_case_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT " CASE_COLUMNS " FROM cases c WHERE c.id = ?");
    select_text(&select, id);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        struct ledger_case row;
        case_of_row(stmt, &row);
        (void)take(context, &row);
    } else if (!err) {
        err = ERR_NOT_FOUND;
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_case_is_seen(struct ledger *ledger, struct text id, const struct scope *scope)
{
    struct select select;
    int64_t seen = 0;
    select_init(&select, "SELECT count(*) FROM cases c WHERE c.id = ?");
    select_text(&select, id);
    select_seen(&select, "c.id", scope, select_and);
    const enum err err = select_count(&select, ledger, &seen);
    return !err && seen == 0 ? ERR_NOT_FOUND : err;
}

enum err ledger_runs(struct ledger *ledger, struct text case_id, ledger_run_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT " RUN_COLUMNS " FROM runs r WHERE r.case_id = ? ORDER BY r.clock, r.run");
    select_text(&select, case_id);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        struct ledger_run run;
        run_of_row(stmt, 0, &run);
        if (!take(context, &run)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

static struct ledger_event event_of_row(struct sql_stmt *stmt)
{
    return (struct ledger_event){
        .source = sql_text(stmt, 0),
        .id = sql_text(stmt, 1),
        .type = sql_text(stmt, 2),
        .time = sql_i64(stmt, 3),
        .arrived = sql_i64(stmt, 4),
        .verdict = sql_text(stmt, 5),
        .repeats = sql_i64(stmt, 6),
        .ce = sql_text(stmt, 7),
        .rules = sql_i64(stmt, 8),
    };
}

enum err ledger_events(
    struct ledger *ledger, const struct event_query *query, ledger_event_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT source, id, type, time, arrived, verdict, repeats, ce, rules FROM events");
    select_where(&select, "case_id = ?");
    select_text(&select, query->case_id);
    select_equal(&select, "verdict", query->verdict);
    select_end(&select, "time, source, id", query->limit);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_event row = event_of_row(stmt);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_arrivals(
    struct ledger *ledger,
    const struct arrival_query *query,
    ledger_arrival_fn *take,
    void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT source, id, type, time, arrived, verdict, repeats, ce, rules, case_id"
                 " FROM events");
    /* One lower bound only: with two the index might be entered at the wrong one. */
    if (query->after) {
        select_where(&select, "(arrived, case_id, source, id) > (?, ?, ?, ?)");
        select_number(&select, query->after_arrived);
        select_text(&select, query->after_case);
        select_text(&select, query->after_source);
        select_text(&select, query->after_id);
    } else {
        select_where(&select, "arrived >= ?");
        select_number(&select, query->from);
    }
    select_where(&select, "arrived < ?");
    select_number(&select, query->until);
    select_end(&select, "arrived, case_id, source, id", query->limit);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_event row = event_of_row(stmt);
        if (!take(context, sql_text(stmt, 9), &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
