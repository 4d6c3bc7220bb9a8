/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ledger_todo.h. Each kind has an index that holds what waits and nothing else.
 */
#include "console/ledger_todo.h"

#include "console/ledger_sql.h"

static const struct {
    const char *from;
    const char *since;
    const char *order;
    const char *which;
} kinds[TODO_KIND_COUNT] = {
    [TODO_DUE] = {"cases c", "NULL", "c.due, c.id", "c.due >= ? AND c.due < ?"},
    [TODO_EXTENSION] =
        {"case_work w CROSS JOIN cases c ON c.id = w.case_id", "w.extension", "w.extension, c.id",
         "w.extension IS NOT NULL"},
    [TODO_OBJECTION] =
        {"cases c", "c.objected_at", "c.objected_at, c.id", "c.objected_at IS NOT NULL"},
    [TODO_ACCEPT] =
        {"case_work w CROSS JOIN cases c ON c.id = w.case_id", "w.received", "w.received, c.id",
         "w.accepted = 0 AND w.completed = 0 AND w.withdrawn = 0 AND w.received > 0"},
};

static void todo_where(struct select *select, const struct todo_query *query)
{
    buf_format(&select->sql, " FROM %s", kinds[query->kind].from);
    select_where(select, kinds[query->kind].which);
    if (query->kind == TODO_DUE) {
        select_number(select, query->from);
        select_number(select, query->until);
    }
    select_scope(select, query->kind == TODO_ACCEPT ? "w.unit" : "c.unit", query->scope);
}

static struct waiting_case waiting_of_row(struct sql_stmt *stmt)
{
    struct waiting_case row = {
        .id = sql_text(stmt, 0),
        .title = sql_text(stmt, 1),
        .number = sql_text(stmt, 2),
        .matter = sql_text(stmt, 3),
        .unit = sql_text(stmt, 4),
        .handler = sql_text(stmt, 5),
        .state = sql_text(stmt, 6),
        .status = sql_text(stmt, 7),
        .due = sql_instant(stmt, 8),
        .clock = sql_text(stmt, 9),
        .clock_title = sql_text(stmt, 10),
        .since = sql_instant(stmt, 11),
    };
    row.due.known = row.due.known && row.due.ms < WALL_MS_MAX;
    return row;
}

enum err ledger_todo(
    struct ledger *ledger, const struct todo_query *query, waiting_case_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT c.id, c.title, c.number, c.matter, c.unit, c.handler, c.state, c.status,"
                 " c.due, (SELECT r.clock FROM runs r WHERE r.case_id = c.id AND r.due = c.due"
                 " ORDER BY r.clock, r.run LIMIT 1), (SELECT r.title FROM runs r"
                 " WHERE r.case_id = c.id AND r.due = c.due ORDER BY r.clock, r.run LIMIT 1), ");
    buf_string(&select.sql, kinds[query->kind].since);
    todo_where(&select, query);
    select_end(&select, kinds[query->kind].order, query->limit);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct waiting_case row = waiting_of_row(stmt);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

static enum err one_number(struct ledger *ledger, struct select *select, int64_t *ret_number)
{
    struct sql_stmt *stmt = NULL;
    enum err err = select_prepare(select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        *ret_number = sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    select_release(select);
    return err;
}

enum err ledger_todo_count(
    struct ledger *ledger, const struct todo_query *query, int64_t *ret_count)
{
    struct select select;
    select_init(&select, "SELECT count(*)");
    todo_where(&select, query);
    return one_number(ledger, &select, ret_count);
}

enum err ledger_number(struct ledger *ledger, enum ledger_number which, int64_t *ret_number)
{
    static const char *const texts[LEDGER_NUMBER_COUNT] = {
        [NUMBER_DRAFTS] = "SELECT count(*) FROM drafts WHERE state = 'drafted'",
        [NUMBER_DEAD] = ("SELECT coalesce(sum(count), 0) FROM tallies WHERE kind = 'message'"
                         " AND word = 'dead'"),
        [NUMBER_REJECTS] = "SELECT count(*) FROM rejects",
    };
    struct select select;
    select_init(&select, texts[which]);
    return one_number(ledger, &select, ret_number);
}

enum err ledger_status_counts(
    struct ledger *ledger, const struct scope *scope, ledger_count_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT status, sum(count) FROM status_tallies");
    select_scope(&select, "unit", scope);
    buf_string(&select.sql, " GROUP BY status");
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_count row = {.word = sql_text(stmt, 0), .count = sql_i64(stmt, 1)};
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
