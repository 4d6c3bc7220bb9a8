/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing and reading versions, drafts and sweeps. Drafts and sweeps are told in partition 0 alone,
 * each fact with the whole state, so the newest one counts. A draft's bundle comes with its first
 * fact only.
 */
#include "console/ledger_changes.h"

#include <stdio.h>

#include "console/ledger_sql.h"
#include "rules/event.h"

/* ---- writing ---- */

enum err ledger_write_config(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    int64_t version = 0;
    if (json_i64(json_get(fact, "version"), &version) || version < 1) {
        return fact_lacks(why, "config", "version");
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_CONFIG];
    sql_bind_i64(stmt, 1, version);
    bind_number(stmt, 2, fact, "at");
    bind_member(stmt, 3, fact, "by");
    bind_member(stmt, 4, fact, "note");
    bind_member(stmt, 5, fact, "sha256");
    bind_member(stmt, 6, fact, "digest");
    bind_json(stmt, 7, fact, "from", "null");
    return sql_run(stmt, why);
}

/* The number in "d12": what lists are sorted by. */
static int64_t number_in(struct text id)
{
    int64_t number = 0;
    const struct text digits = {
        .ptr = id.ptr + (id.bytes > 0), .bytes = id.bytes > 0 ? id.bytes - 1 : 0};
    return text_parse_i64(digits, &number) ? 0 : number;
}

static enum err write_draft_bundle(
    struct ledger *ledger, const struct json_value *fact, struct err_why *why)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_DRAFT_BUNDLE];
    struct buf text;
    struct json_out out;
    if (!json_get(fact, "bundle")) {
        return ERR_OK;
    }
    buf_init(&text, (size_t)64 * 1024 * 1024);
    json_out_init(&out, &text);
    json_out_value(&out, json_get(fact, "bundle"));
    bind_member(stmt, 1, fact, "id");
    sql_bind_text(stmt, 2, buf_view(&text));
    buf_release(&text);
    return sql_run(stmt, why);
}

enum err ledger_write_draft(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    const struct text id = json_get_string(fact, "id");
    if (id.bytes == 0 || id.bytes >= CHANGE_ID_BYTES) {
        return fact_lacks(why, "draft", "id");
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_DRAFT];
    sql_bind_text(stmt, 1, id);
    sql_bind_i64(stmt, 2, number_in(id));
    bind_number(stmt, 3, fact, "made_at");
    bind_member(stmt, 4, fact, "by");
    bind_member(stmt, 5, fact, "note");
    bind_member(stmt, 6, fact, "kind");
    bind_member(stmt, 7, fact, "state");
    bind_member(stmt, 8, fact, "approved_by");
    bind_instant_or_null(stmt, 9, fact, "approved_at");
    bind_instant_or_null(stmt, 10, fact, "apply_at");
    bind_number(stmt, 11, fact, "base_version");
    bind_member(stmt, 12, fact, "digest");
    bind_instant_or_null(stmt, 13, fact, "version");
    bind_member(stmt, 14, fact, "why");
    sql_bind_text(stmt, 15, text_of(place->key));
    const enum err err = sql_run(stmt, why);
    return err ? err : write_draft_bundle(ledger, fact, why);
}

enum err ledger_write_replan(
    struct ledger *ledger,
    const struct fact_place *place,
    const struct json_value *fact,
    struct err_why *why)
{
    const struct text id = json_get_string(fact, "id");
    if (id.bytes == 0 || id.bytes >= CHANGE_ID_BYTES) {
        return fact_lacks(why, "replan", "id");
    }
    struct sql_stmt *stmt = ledger->stmts[STMT_REPLAN];
    sql_bind_text(stmt, 1, id);
    sql_bind_i64(stmt, 2, number_in(id));
    bind_number(stmt, 3, fact, "at");
    bind_member(stmt, 4, fact, "by");
    bind_member(stmt, 5, fact, "note");
    bind_member(stmt, 6, fact, "kind");
    bind_number(stmt, 7, fact, "version");
    bind_member(stmt, 8, fact, "undo");
    bind_member(stmt, 9, fact, "state");
    bind_number(stmt, 10, fact, "done");
    bind_number(stmt, 11, fact, "total");
    bind_member(stmt, 12, fact, "after");
    bind_member(stmt, 13, fact, "why");
    sql_bind_text(stmt, 14, text_of(place->key));
    return sql_run(stmt, why);
}

/* ---- reading ---- */

/* The one number a statement without parameters gives; `otherwise` when it gives none. */
static enum err read_number(
    struct ledger *ledger, const char *text, int64_t otherwise, int64_t *ret_number)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, text);
    enum err err = select_prepare(&select, ledger, &stmt);
    *ret_number = otherwise;
    if (!err && select_row(stmt, &err) && !sql_is_null(stmt, 0)) {
        *ret_number = sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_versions(
    struct ledger *ledger,
    const struct version_query *query,
    ledger_version_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT version, at, by_person, note, sha256, digest, origin, bundle IS NOT NULL"
                 " FROM config_versions");
    if (query->version > 0) {
        select_where(&select, "version = ?");
        select_number(&select, query->version);
    }
    if (query->after.given) {
        select_where(&select, "version < ?");
        select_number(&select, query->after.number);
    }
    select_end(&select, "version DESC", query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        const struct ledger_version row = {
            .version = sql_i64(stmt, 0),
            .at = sql_i64(stmt, 1),
            .by = sql_text(stmt, 2),
            .note = sql_text(stmt, 3),
            .sha256 = sql_text(stmt, 4),
            .digest = sql_text(stmt, 5),
            .origin = sql_text(stmt, 6),
            .has_bundle = sql_i64(stmt, 7) != 0,
        };
        if (taken++ == query->limit) {
            ret_end->more = true;
            break;
        }
        list_end_set(ret_end, row.version, (struct text){0});
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_version_lacking(struct ledger *ledger, int64_t *ret_version)
{
    return read_number(
        ledger, "SELECT min(version) FROM config_versions WHERE bundle IS NULL", 0, ret_version);
}

enum err ledger_keep_bundle(struct ledger *ledger, int64_t version, struct text bundle)
{
    struct sql_stmt *stmt = ledger->stmts[STMT_CONFIG_BUNDLE];
    sql_bind_i64(stmt, 1, version);
    sql_bind_text(stmt, 2, bundle);
    return sql_run(stmt, NULL);
}

#define DRAFT_COLUMNS                                                                              \
    "id, number, made_at, by_person, note, kind, state, approved_by, approved_at, apply_at,"       \
    " base_version, digest, version, why"

static void draft_of_row(struct sql_stmt *stmt, struct ledger_draft *row)
{
    *row = (struct ledger_draft){
        .id = sql_text(stmt, 0),
        .number = sql_i64(stmt, 1),
        .made_at = sql_i64(stmt, 2),
        .by = sql_text(stmt, 3),
        .note = sql_text(stmt, 4),
        .kind = sql_text(stmt, 5),
        .state = sql_text(stmt, 6),
        .approved_by = sql_text(stmt, 7),
        .approved_at = sql_instant(stmt, 8),
        .apply_at = sql_instant(stmt, 9),
        .base_version = sql_i64(stmt, 10),
        .digest = sql_text(stmt, 11),
        .version = sql_instant(stmt, 12),
        .why = sql_text(stmt, 13),
    };
}

enum err ledger_drafts(
    struct ledger *ledger,
    const struct draft_query *query,
    ledger_draft_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT " DRAFT_COLUMNS " FROM drafts");
    select_equal(&select, "id", query->id);
    select_equal(&select, "state", query->state);
    select_after(&select, "number, id", true, &query->after);
    select_end(&select, "number DESC, id DESC", query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        struct ledger_draft row;
        if (taken++ == query->limit) {
            ret_end->more = true;
            break;
        }
        draft_of_row(stmt, &row);
        list_end_set(ret_end, row.number, row.id);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_draft_bundle(struct ledger *ledger, struct text id, struct buf *bundle)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, "SELECT bundle FROM draft_bundles WHERE id = ?");
    select_text(&select, id);
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        buf_text(bundle, sql_text(stmt, 0));
        err = buf_error(bundle);
    } else if (!err) {
        err = ERR_NOT_FOUND;
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_draft_next(
    struct ledger *ledger, char ret_id[static CHANGE_ID_BYTES], int64_t *ret_apply_at)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT id, apply_at FROM drafts WHERE state = 'approved' AND apply_at IS NOT"
                 " NULL ORDER BY apply_at, number LIMIT 1");
    enum err err = select_prepare(&select, ledger, &stmt);
    ret_id[0] = '\0';
    if (!err && select_row(stmt, &err)) {
        (void)snprintf(ret_id, CHANGE_ID_BYTES, "%.*s", TEXT_ARGS(sql_text(stmt, 0)));
        *ret_apply_at = sql_i64(stmt, 1);
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_draft_last_number(struct ledger *ledger, int64_t *ret_number)
{
    return read_number(ledger, "SELECT max(number) FROM drafts", 0, ret_number);
}

static void replan_of_row(struct sql_stmt *stmt, struct ledger_replan *row)
{
    *row = (struct ledger_replan){
        .id = sql_text(stmt, 0),
        .number = sql_i64(stmt, 1),
        .at = sql_i64(stmt, 2),
        .by = sql_text(stmt, 3),
        .note = sql_text(stmt, 4),
        .kind = sql_text(stmt, 5),
        .version = sql_i64(stmt, 6),
        .undo = sql_text(stmt, 7),
        .state = sql_text(stmt, 8),
        .done = sql_i64(stmt, 9),
        .total = sql_i64(stmt, 10),
        .after_case = sql_text(stmt, 11),
        .why = sql_text(stmt, 12),
    };
}

enum err ledger_replans(
    struct ledger *ledger,
    const struct replan_query *query,
    ledger_replan_fn *take,
    void *context,
    struct list_end *ret_end)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT id, number, at, by_person, note, kind, version, undo, state, done, total,"
                 " after_case, why FROM replans");
    select_equal(&select, "id", query->id);
    select_equal(&select, "state", query->state);
    if (query->version > 0) {
        select_where(&select, "version = ?");
        select_number(&select, query->version);
    }
    select_after(&select, "number, id", true, &query->after);
    select_end(&select, "number DESC, id DESC", query->limit + 1);
    enum err err = select_prepare(&select, ledger, &stmt);
    int64_t taken = 0;
    *ret_end = (struct list_end){0};
    while (!err && select_row(stmt, &err)) {
        struct ledger_replan row;
        if (taken++ == query->limit) {
            ret_end->more = true;
            break;
        }
        replan_of_row(stmt, &row);
        list_end_set(ret_end, row.number, row.id);
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_replan_last_number(struct ledger *ledger, int64_t *ret_number)
{
    return read_number(ledger, "SELECT max(number) FROM replans", 0, ret_number);
}

enum err ledger_replan_running(struct ledger *ledger, char ret_id[static CHANGE_ID_BYTES])
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(
        &select, "SELECT id FROM replans WHERE state = 'running' ORDER BY at, number, id LIMIT 1");
    enum err err = select_prepare(&select, ledger, &stmt);
    ret_id[0] = '\0';
    if (!err && select_row(stmt, &err)) {
        (void)snprintf(ret_id, CHANGE_ID_BYTES, "%.*s", TEXT_ARGS(sql_text(stmt, 0)));
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

static enum err take_ids(
    struct ledger *ledger, struct select *select, ledger_id_fn *take, void *context)
{
    struct sql_stmt *stmt = NULL;
    enum err err = select_prepare(select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        if (!take(context, sql_text(stmt, 0))) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(select);
    return err;
}

/* The words of the indexes cases_open and runs_going. */
#define OPEN_CASES "SELECT id FROM cases WHERE state NOT IN ('completed', 'withdrawn') AND id > ?"
#define GOING_CASES                                                                                \
    " UNION SELECT case_id FROM runs WHERE stopped IS NULL"                                        \
    " AND outcome IN ('running', 'paused', 'missed') AND case_id > ?"

static void open_select(struct select *select, const char *head, struct text after)
{
    select_init(select, head);
    buf_string(&select->sql, OPEN_CASES GOING_CASES);
    select_text(select, after);
    select_text(select, after);
}

enum err ledger_open_cases(
    struct ledger *ledger, const struct open_query *query, ledger_id_fn *take, void *context)
{
    struct select select;
    open_select(&select, "", query->after);
    select_end(&select, "1", query->limit);
    return take_ids(ledger, &select, take, context);
}

enum err ledger_open_count(struct ledger *ledger, int64_t *ret_count)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    open_select(&select, "SELECT count(*) FROM (", TEXT_LITERAL(""));
    buf_char(&select.sql, ')');
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        *ret_count = sql_i64(stmt, 0);
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

enum err ledger_swept_cases(
    struct ledger *ledger, const struct swept_query *query, ledger_id_fn *take, void *context)
{
    struct select select;
    char from[CHANGE_ID_BYTES + 160];
    char until[CHANGE_ID_BYTES + 2];
    (void)snprintf(
        from, sizeof(from), "%.*s:%.*s", TEXT_ARGS(query->replan), TEXT_ARGS(query->after));
    /* ';' is the character after ':'. */
    (void)snprintf(until, sizeof(until), "%.*s;", TEXT_ARGS(query->replan));
    select_init(
        &select,
        "SELECT case_id FROM events WHERE source = '" EVENT_SOURCE_OWN "' AND id > ? AND id < ?");
    select_text(&select, text_of(from));
    select_text(&select, text_of(until));
    select_end(&select, "id", query->limit);
    return take_ids(ledger, &select, take, context);
}
