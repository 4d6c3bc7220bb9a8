/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ledger_going.h. The conditions are the words of the index runs_going, in whose order the
 * rows come.
 */
#include "console/ledger_going.h"

#include "console/ledger_sql.h"

static struct ledger_going going_of_row(struct sql_stmt *stmt)
{
    return (struct ledger_going){
        .key = {.case_id = sql_text(stmt, 0), .clock = sql_text(stmt, 1), .run = sql_i64(stmt, 2)},
        .title = sql_text(stmt, 3),
        .matter = sql_text(stmt, 4),
        .unit = sql_text(stmt, 5),
        .handler = sql_text(stmt, 6),
        .missed = sql_i64(stmt, 7) != 0,
        .due = sql_i64(stmt, 8),
    };
}

enum err ledger_going_runs(
    struct ledger *ledger, const struct going_query *query, ledger_going_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT r.case_id, r.clock, r.run, c.title, c.matter,"
                 " CASE WHEN instr(r.clock, '@') THEN r.unit ELSE c.unit END,"
                 " CASE WHEN instr(r.clock, '@') THEN r.handler ELSE c.handler END,"
                 " r.outcome = 'missed', r.due FROM runs r JOIN cases c ON c.id = r.case_id");
    select_where(&select, "r.stopped IS NULL AND r.outcome IN ('running', 'paused', 'missed')");
    select_where(&select, "r.due <= ?");
    select_number(&select, query->due_until);
    if (query->after.case_id.bytes > 0) {
        select_where(&select, "(r.case_id, r.clock, r.run) > (?, ?, ?)");
        select_text(&select, query->after.case_id);
        select_text(&select, query->after.clock);
        select_number(&select, query->after.run);
    }
    select_end(&select, "r.case_id, r.clock, r.run", query->limit);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_going row = going_of_row(stmt);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
