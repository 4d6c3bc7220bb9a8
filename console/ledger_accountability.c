/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ledger_accountability.h.
 */
#include "console/ledger_accountability.h"

#include "console/ledger_figures_sql.h"
#include "console/ledger_sql.h"

static struct figure_run miss_of_row(struct sql_stmt *stmt)
{
    return (struct figure_run){
        .case_id = sql_text(stmt, 0),
        .clock = sql_text(stmt, 1),
        .run = (int32_t)sql_i64(stmt, 2),
        .family = sql_text(stmt, 3),
        .unit = sql_text(stmt, 4),
        .handler = sql_text(stmt, 5),
        .outcome = RUN_MISSED,
        .has_due = true,
        .due = {sql_i64(stmt, 6)},
        .has_stopped = !sql_is_null(stmt, 7),
        .stopped = {sql_i64(stmt, 7)},
    };
}

enum err ledger_misses(
    struct ledger *ledger, const struct miss_query *query, ledger_miss_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT r.case_id, r.clock, r.run, r.family, r.unit, r.handler, r.due, r.stopped"
                 " FROM runs r INDEXED BY runs_missed");
    select_where(&select, FIGURES_MISS_COUNTS);
    select_where(&select, "r.due IS NOT NULL");
    select_equal(&select, "r.unit", query->unit);
    select_equal(&select, "r.handler", query->handler);
    if (query->scope) {
        select_scope(&select, "r.unit", query->scope);
    }
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct figure_run miss = miss_of_row(stmt);
        if (!take(context, &miss)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_misses_exceed(
    struct ledger *ledger, const struct scope *scope, int64_t most, bool *ret_exceed)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT r.due FROM runs r INDEXED BY runs_missed");
    select_where(&select, "r.outcome = 'missed'");
    select_scope(&select, "r.unit", scope);
    buf_format(&select.sql, " LIMIT 1 OFFSET %lld", (long long)most);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err) {
        *ret_exceed = select_row(stmt, &err);
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_decisions(
    struct ledger *ledger,
    const struct decision_query *query,
    ledger_decision_fn *take,
    void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, query->kind == DECISION_OUTCOME
                     ? "SELECT id, policy, who, at, kind, by_person, note, interview_at"
                       " FROM entry_outcomes"
                     : "SELECT id, policy, who, at, '', by_person, note, NULL"
                       " FROM entry_statements");
    select_equal(&select, "policy", query->policy);
    select_equal(&select, "who", query->who);
    buf_string(&select.sql, " ORDER BY policy, who, at, id");
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_decision row = {
            .id = sql_text(stmt, 0),
            .policy = sql_text(stmt, 1),
            .who = sql_text(stmt, 2),
            .at = sql_i64(stmt, 3),
            .kind = sql_text(stmt, 4),
            .by = sql_text(stmt, 5),
            .note = sql_text(stmt, 6),
            .interview_at = sql_instant(stmt, 7),
        };
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_miss_proof(
    struct ledger *ledger,
    const struct figure_run *miss,
    struct arena *arena,
    struct miss_proof *ret_proof)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select,
        "SELECT c.title, c.number, (SELECT count(*) FROM alerts a WHERE a.case_id = c.id"
        " AND a.clock = q.clock AND a.run = q.run AND a.status = 'fired'),"
        " (SELECT count(*) FROM alerts a JOIN messages m ON m.alert = a.id WHERE a.case_id = c.id"
        " AND a.clock = q.clock AND a.run = q.run AND m.shown IN ('delivered', 'read')),"
        " (SELECT count(DISTINCT k.alert) FROM alerts a JOIN acks k ON k.alert = a.id"
        " WHERE a.case_id = c.id AND a.clock = q.clock AND a.run = q.run)"
        " FROM (SELECT ? AS id, ? AS clock, ? AS run) q JOIN cases c ON c.id = q.id");
    select_text(&select, miss->case_id);
    select_text(&select, miss->clock);
    select_number(&select, miss->run);
    enum err err = select_prepare(&select, ledger, &stmt);
    *ret_proof = (struct miss_proof){0};
    if (!err && select_row(stmt, &err)) {
        *ret_proof = (struct miss_proof){
            .title = arena_text(arena, sql_text(stmt, 0)),
            .number = arena_text(arena, sql_text(stmt, 1)),
            .alerts = sql_i64(stmt, 2),
            .delivered = sql_i64(stmt, 3),
            .acked = sql_i64(stmt, 4),
        };
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_waived_misses(
    struct ledger *ledger, const struct waived_query *query, ledger_waived_fn *take, void *context)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT r.case_id, r.clock, r.run, r.due, r.family, w.reason, w.approved_by, w.at"
                 " FROM runs r INDEXED BY runs_missed JOIN waivers w ON w.case_id = r.case_id"
                 " AND w.clock = r.clock");
    select_where(&select, "r.outcome = 'missed' AND NOT (" FIGURES_MISS_COUNTS ")");
    select_equal(&select, "r.unit", query->unit);
    select_equal(&select, "r.handler", query->handler);
    select_where(&select, "r.due >= ? AND r.due <= ?");
    select_number(&select, query->from);
    select_number(&select, query->until);
    select_end(&select, "r.due, r.case_id, r.clock, r.run, w.at", 500);
    enum err err = select_prepare(&select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_waived row = {
            .case_id = sql_text(stmt, 0),
            .clock = sql_text(stmt, 1),
            .run = sql_i64(stmt, 2),
            .due = sql_i64(stmt, 3),
            .family = sql_text(stmt, 4),
            .reason = sql_text(stmt, 5),
            .approved_by = sql_text(stmt, 6),
            .at = sql_i64(stmt, 7),
        };
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}
