/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading cases, their clocks and events, and the overdue list.
 */
#include <stdio.h>
#include <string.h>

#include "console/ledger_sql.h"

#define CASE_COLUMNS                                                                               \
    "c.id, c.title, c.matter, c.unit, c.handler, c.from_unit, c.number, c.labels, c.state,"        \
    " c.light, c.created, c.updated, c.due, c.fault, c.objected_at, c.objected_by"
#define CASE_COLUMN_COUNT 16
#define RUN_COLUMNS                                                                                \
    "r.clock, r.run, r.family, r.title, r.start, r.due, r.provisional, r.outcome, r.stopped,"      \
    " r.light, r.unit, r.handler, r.rules, coalesce(r.waived, 0), r.appeal, r.rule_change,"        \
    " r.waiting_for"

static void case_of_row(struct sql_stmt *stmt, struct ledger_case *row)
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
    };
}

static void run_of_row(struct sql_stmt *stmt, int first, struct ledger_run *run)
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

static bool contains(struct text text, struct text part)
{
    return part.bytes == 0 ||
           (text.bytes >= part.bytes && memmem(text.ptr, text.bytes, part.ptr, part.bytes));
}

static bool case_is_found(const struct ledger_case *row, struct text q)
{
    return contains(row->title, q) || contains(row->id, q) || contains(row->number, q);
}

static int64_t sort_number(const struct ledger_case *row, enum case_sort sort)
{
    switch (sort) {
    case SORT_UPDATED:
        return row->updated;
    case SORT_CREATED:
        return row->created;
    case SORT_DUE:
        return row->due;
    case CASE_SORT_COUNT:
        break;
    }
    return 0;
}

static void cases_select(struct select *select, const struct case_query *query)
{
    static const char *const columns[CASE_SORT_COUNT] = {"updated", "created", "due"};
    char keys[32];
    char order[64];
    const char *column = columns[query->sort];
    const char *direction = query->descending ? "DESC" : "ASC";
    (void)snprintf(keys, sizeof(keys), "c.%s, c.id", column);
    (void)snprintf(order, sizeof(order), "c.%s %s, c.id %s", column, direction, direction);
    select_init(select, "SELECT " CASE_COLUMNS " FROM cases c");
    select_equal(select, "c.unit", query->unit);
    select_equal(select, "c.matter", query->matter);
    select_equal(select, "c.handler", query->handler);
    select_equal(select, "c.state", query->state);
    select_equal(select, "c.light", query->light);
    select_after(select, keys, query->descending, &query->after);
    select_end(select, order, query->q.bytes > 0 ? LEDGER_SCAN_MAX : query->limit + 1);
}

enum err ledger_cases(
    struct ledger *ledger,
    const struct case_query *query,
    ledger_case_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    cases_select(&select, query);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    int64_t seen = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        struct ledger_case row;
        case_of_row(stmt, &row);
        if (taken == query->limit) {
            ret_end->more = true;
            break;
        }
        seen++;
        list_end_set(ret_end, sort_number(&row, query->sort), row.id);
        if (!case_is_found(&row, query->q)) {
            continue;
        }
        taken++;
        if (!take(context, &row)) {
            break;
        }
    }
    ret_end->more = ret_end->more || seen == LEDGER_SCAN_MAX;
    sql_finalize(stmt);
    select_release(&select);
    return err;
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

/* The tie of an overdue row: its case, clock and run, one a line. */
static void overdue_after(struct select *select, const struct ledger_key *after)
{
    struct text parts[3] = {{0}};
    struct text rest = after->tie;
    for (int index = 0; index < 3; index++) {
        const char *end = rest.bytes > 0 ? memchr(rest.ptr, '\n', rest.bytes) : NULL;
        parts[index] = rest;
        parts[index].bytes = end ? (size_t)(end - rest.ptr) : rest.bytes;
        rest.ptr += end ? parts[index].bytes + 1 : rest.bytes;
        rest.bytes -= end ? parts[index].bytes + 1 : rest.bytes;
    }
    int64_t run = 0;
    if (!after->given || text_parse_i64(parts[2], &run)) {
        return;
    }
    select_where(select, "(r.due, r.case_id, r.clock, r.run) > (?, ?, ?, ?)");
    select_number(select, after->number);
    select_text(select, parts[0]);
    select_text(select, parts[1]);
    select_number(select, run);
}

static void overdue_end(
    struct list_end *end, const struct ledger_case *row, const struct ledger_run *run)
{
    char tie[sizeof(end->tie)];
    (void)snprintf(
        tie, sizeof(tie), "%.*s\n%.*s\n%lld", TEXT_ARGS(row->id), TEXT_ARGS(run->clock),
        (long long)run->run);
    list_end_set(end, run->due.ms, text_of(tie));
}

enum err ledger_overdue(
    struct ledger *ledger,
    const struct overdue_query *query,
    ledger_overdue_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT " CASE_COLUMNS ", " RUN_COLUMNS
                 " FROM runs r CROSS JOIN cases c ON c.id = r.case_id");
    select_where(&select, "r.outcome = 'missed' AND r.stopped IS NULL");
    select_equal(&select, "c.unit", query->unit);
    overdue_after(&select, &query->after);
    select_end(&select, "r.due, r.case_id, r.clock, r.run", query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        struct ledger_case row;
        struct ledger_run run;
        if (taken++ == query->limit) {
            ret_end->more = true;
            break;
        }
        case_of_row(stmt, &row);
        run_of_row(stmt, CASE_COLUMN_COUNT, &run);
        overdue_end(ret_end, &row, &run);
        if (!take(context, &row, &run)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
