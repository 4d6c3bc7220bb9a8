/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table, one row per attempt. Writing is one transaction for many rows: its cost is one
 * fsync, whatever the number.
 */
#include "notifiers/send_journal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/must.h"
#include "base/sql.h"

#define PARAMS_BYTES_MAX ((size_t)256 * 1024)

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS attempt ("
    " id TEXT NOT NULL, attempt INTEGER NOT NULL, person TEXT NOT NULL, channel TEXT NOT NULL,"
    " title TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,"
    " kind INTEGER, cause INTEGER, after_ms INTEGER, reason TEXT, outcome_at INTEGER,"
    " PRIMARY KEY (id, attempt)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS user (key TEXT PRIMARY KEY, user TEXT NOT NULL,"
    " at INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS attempt_at ON attempt (at);";

/* What a file of an older program lacks. */
static const struct {
    const char *column;
    const char *script;
} added[] = {
    {"template", "ALTER TABLE attempt ADD COLUMN template TEXT NOT NULL DEFAULT ''"},
    {"params", "ALTER TABLE attempt ADD COLUMN params TEXT NOT NULL DEFAULT ''"},
    {"gateway_id", "ALTER TABLE attempt ADD COLUMN gateway_id TEXT NOT NULL DEFAULT ''"},
};

enum {
    SQL_INTENT,
    SQL_OUTCOME,
    SQL_FIND,
    SQL_RECENT,
    SQL_PRUNE,
    SQL_USER_KEEP,
    SQL_USER_FIND,
    SQL_USER_PRUNE,
    SQL_MESSAGES,
    SQL_COUNT
};

static const char *const statements[SQL_COUNT] = {
    [SQL_INTENT] = "INSERT OR REPLACE INTO attempt (id, attempt, person, channel, title, text, at,"
                   " template, params) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_OUTCOME] = "UPDATE attempt SET kind = ?3, cause = ?4, after_ms = ?5, reason = ?6,"
                    " outcome_at = ?7, gateway_id = ?8 WHERE id = ?1 AND attempt = ?2",
    [SQL_FIND] = "SELECT attempt, title, text, kind, cause, after_ms, reason, outcome_at,"
                 " template, params, gateway_id, at FROM attempt WHERE id = ?1 ORDER BY attempt "
                 "DESC LIMIT 1",
    [SQL_RECENT] = "SELECT person, channel, at, cause, outcome_at, after_ms FROM attempt"
                   " WHERE at >= ?1 ORDER BY at",
    [SQL_PRUNE] = "DELETE FROM attempt WHERE at < ?1",
    [SQL_USER_KEEP] = "INSERT OR REPLACE INTO user (key, user, at) VALUES (?1, ?2, ?3)",
    [SQL_USER_FIND] = "SELECT user, at FROM user WHERE key = ?1",
    [SQL_MESSAGES] = "SELECT count(*) FROM attempt WHERE at >= ?1 AND at < ?2 AND attempt = 1",
    [SQL_USER_PRUNE] = "DELETE FROM user WHERE at < ?1",
};

struct send_journal {
    struct sql_db *db;
    struct sql_stmt *stmts[SQL_COUNT];
};

static enum err has_column(
    struct sql_db *db, const char *column, bool *ret_has, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err =
        sql_prepare(db, "SELECT 1 FROM pragma_table_info('attempt') WHERE name = ?1", &stmt, why);
    if (!err) {
        sql_bind_text(stmt, 1, text_of(column));
        err = sql_step(stmt, ret_has, why);
    }
    sql_finalize(stmt);
    return err;
}

static enum err add_columns(struct sql_db *db, struct err_why *why)
{
    enum err err = ERR_OK;
    for (size_t index = 0; !err && index < sizeof(added) / sizeof(added[0]); index++) {
        bool has = false;
        err = has_column(db, added[index].column, &has, why);
        if (!err && !has) {
            err = sql_exec(db, added[index].script, why);
        }
    }
    return err;
}

enum err send_journal_open(const char *path, struct send_journal **ret_journal, struct err_why *why)
{
    struct send_journal *journal = calloc(1, sizeof(*journal));
    if (!journal) {
        return err_set(why, ERR_NO_MEMORY, "no memory for the send journal");
    }
    enum err err = sql_open(path, SQL_DURABLE, &journal->db, why);
    if (!err) {
        err = sql_exec(journal->db, schema, why);
    }
    if (!err) {
        err = add_columns(journal->db, why);
    }
    for (size_t index = 0; !err && index < SQL_COUNT; index++) {
        err = sql_prepare(journal->db, statements[index], &journal->stmts[index], why);
    }
    if (err) {
        send_journal_close(journal);
        return err;
    }
    *ret_journal = journal;
    return ERR_OK;
}

void send_journal_close(struct send_journal *journal)
{
    if (!journal) {
        return;
    }
    for (size_t index = 0; index < SQL_COUNT; index++) {
        sql_finalize(journal->stmts[index]);
    }
    sql_close(journal->db);
    free(journal);
}

/* The values as a JSON array of pairs; nothing where there is no template. */
static void bind_params(struct sql_stmt *stmt, int index, const struct journal_intent *intent)
{
    struct buf json;
    struct json_out out;
    buf_init(&json, PARAMS_BYTES_MAX);
    json_out_init(&out, &json);
    if (intent->template.bytes > 0) {
        json_out_open(&out, '[');
        for (size_t param = 0; param < intent->param_count; param++) {
            json_out_string(&out, intent->params[param].name);
            json_out_string(&out, intent->params[param].value);
        }
        json_out_close(&out, ']');
    }
    sql_bind_text(stmt, index, buf_view(&json));
    buf_release(&json);
}

static enum err write_intent(
    struct send_journal *journal, const struct journal_intent *intent, struct err_why *why)
{
    struct sql_stmt *stmt = journal->stmts[SQL_INTENT];
    sql_bind_text(stmt, 1, intent->id);
    sql_bind_i64(stmt, 2, intent->attempt);
    sql_bind_text(stmt, 3, intent->person);
    sql_bind_text(stmt, 4, intent->channel);
    sql_bind_text(stmt, 5, intent->title);
    sql_bind_text(stmt, 6, intent->text);
    sql_bind_i64(stmt, 7, intent->at.ms);
    sql_bind_text(stmt, 8, intent->template);
    bind_params(stmt, 9, intent);
    return sql_run(stmt, why);
}

static enum err write_outcome(
    struct send_journal *journal, const struct journal_outcome *outcome, struct err_why *why)
{
    struct sql_stmt *stmt = journal->stmts[SQL_OUTCOME];
    sql_bind_text(stmt, 1, outcome->id);
    sql_bind_i64(stmt, 2, outcome->attempt);
    sql_bind_i64(stmt, 3, outcome->outcome->kind);
    sql_bind_i64(stmt, 4, outcome->outcome->cause);
    sql_bind_i64(stmt, 5, outcome->outcome->after_ms);
    sql_bind_text(stmt, 6, text_of(outcome->outcome->reason));
    sql_bind_i64(stmt, 7, outcome->at.ms);
    sql_bind_text(stmt, 8, text_of(outcome->outcome->gateway_id));
    return sql_run(stmt, why);
}

enum err send_journal_write(
    struct send_journal *journal, const struct journal_batch *batch, struct err_why *why)
{
    enum err err = sql_exec(journal->db, "BEGIN IMMEDIATE", why);
    if (err) {
        return err;
    }
    for (size_t index = 0; !err && index < batch->intent_count; index++) {
        err = write_intent(journal, &batch->intents[index], why);
    }
    for (size_t index = 0; !err && index < batch->outcome_count; index++) {
        err = write_outcome(journal, &batch->outcomes[index], why);
    }
    if (!err) {
        err = sql_exec(journal->db, "COMMIT", why);
    }
    if (err && sql_exec(journal->db, "ROLLBACK", NULL)) {
        return err; /* SQLite has rolled back by itself */
    }
    return err;
}

static void read_outcome(struct sql_stmt *stmt, struct journal_record *record)
{
    record->has_outcome = !sql_is_null(stmt, 3);
    if (!record->has_outcome) {
        return;
    }
    const int64_t kind = sql_i64(stmt, 3);
    const int64_t cause = sql_i64(stmt, 4);
    const bool known = kind >= 0 && kind < OUTCOME_KIND_COUNT && cause >= 0 && cause < CAUSE_COUNT;
    outcome_set(
        &record->outcome, known ? (enum outcome_kind)kind : OUTCOME_UNSURE,
        known ? (enum outcome_cause)cause : CAUSE_NONE, "", (struct text){0});
    const struct text reason = sql_text(stmt, 6);
    (void)snprintf(
        record->outcome.reason, sizeof(record->outcome.reason), "%.*s", TEXT_ARGS(reason));
    const struct text gateway_id = sql_text(stmt, 10);
    (void)snprintf(
        record->outcome.gateway_id, sizeof(record->outcome.gateway_id), "%.*s",
        TEXT_ARGS(gateway_id));
    record->outcome.after_ms = sql_i64(stmt, 5);
    record->outcome_at = (struct wall_ms){.ms = sql_i64(stmt, 7)};
}

static bool read_params(struct json_doc *doc, struct arena *arena, struct journal_record *record)
{
    const struct json_value *list = json_root(doc);
    const size_t count = json_count(list) / 2;
    struct channel_param *params = arena_array(arena, count + 1, sizeof(*params));
    const struct json_value *item = json_first(list);
    for (size_t index = 0; params && index < count; index++) {
        params[index].name = arena_text(arena, json_string(item));
        item = json_next(item);
        params[index].value = arena_text(arena, json_string(item));
        item = json_next(item);
        if (!params[index].name.ptr || !params[index].value.ptr) {
            return false;
        }
    }
    record->params = params;
    record->param_count = count;
    return params != NULL;
}

static enum err read_template(
    struct sql_stmt *stmt, struct arena *arena, struct journal_record *record, struct err_why *why)
{
    struct json_doc *doc = NULL;
    record->template = arena_text(arena, sql_text(stmt, 8));
    if (record->template.bytes == 0) {
        return ERR_OK;
    }
    enum err err = json_parse(sql_text(stmt, 9), &json_limits_answer, &doc, why);
    if (!err && !read_params(doc, arena, record)) {
        err = err_set(why, ERR_NO_MEMORY, "no memory for the values of a message");
    }
    json_free(doc);
    return err;
}

enum err send_journal_find(
    struct send_journal *journal,
    struct text id,
    struct arena *arena,
    struct journal_record *ret_record,
    struct err_why *why)
{
    struct sql_stmt *stmt = journal->stmts[SQL_FIND];
    sql_bind_text(stmt, 1, id);
    struct journal_record record = {0};
    bool row = false;
    enum err err = sql_step(stmt, &row, why);
    if (!err && row) {
        record.known = true;
        record.attempt = (int32_t)sql_i64(stmt, 0);
        record.title = arena_text(arena, sql_text(stmt, 1));
        record.text = arena_text(arena, sql_text(stmt, 2));
        record.at = (struct wall_ms){.ms = sql_i64(stmt, 11)};
        read_outcome(stmt, &record);
        err = read_template(stmt, arena, &record, why);
    }
    sql_reset(stmt);
    if (!err) {
        *ret_record = record;
    }
    return err;
}

enum err send_journal_recent(
    struct send_journal *journal,
    struct wall_ms since,
    send_journal_recent_fn *each,
    void *context,
    struct err_why *why)
{
    struct sql_stmt *stmt = journal->stmts[SQL_RECENT];
    sql_bind_i64(stmt, 1, since.ms);
    enum err err = ERR_OK;
    for (;;) { /* ends with the rows */
        bool row = false;
        err = sql_step(stmt, &row, why);
        if (err || !row) {
            break;
        }
        const struct journal_recent recent = {
            .person = sql_text(stmt, 0),
            .channel = sql_text(stmt, 1),
            .at = {.ms = sql_i64(stmt, 2)},
            .rate = !sql_is_null(stmt, 3) && sql_i64(stmt, 3) == CAUSE_RATE,
            .outcome_at = {.ms = sql_i64(stmt, 4)},
            .after_ms = sql_i64(stmt, 5),
        };
        each(context, &recent);
    }
    sql_reset(stmt);
    return err;
}

enum err send_journal_prune(
    struct send_journal *journal, struct wall_ms before, struct err_why *why)
{
    sql_bind_i64(journal->stmts[SQL_PRUNE], 1, before.ms);
    const enum err err = sql_run(journal->stmts[SQL_PRUNE], why);
    if (err) {
        return err;
    }
    sql_bind_i64(journal->stmts[SQL_USER_PRUNE], 1, before.ms);
    return sql_run(journal->stmts[SQL_USER_PRUNE], why);
}

enum err send_journal_user_keep(
    struct send_journal *journal, const struct journal_user *user, struct err_why *why)
{
    struct sql_stmt *stmt = journal->stmts[SQL_USER_KEEP];
    sql_bind_text(stmt, 1, user->key);
    sql_bind_text(stmt, 2, user->user);
    sql_bind_i64(stmt, 3, user->at.ms);
    return sql_run(stmt, why);
}

enum err send_journal_user_find(
    struct send_journal *journal,
    struct text key,
    struct arena *arena,
    struct journal_user *ret_user,
    struct err_why *why)
{
    struct sql_stmt *stmt = journal->stmts[SQL_USER_FIND];
    sql_bind_text(stmt, 1, key);
    bool row = false;
    enum err err = sql_step(stmt, &row, why);
    if (!err && row) {
        *ret_user = (struct journal_user){
            .key = key,
            .user = arena_text(arena, sql_text(stmt, 0)),
            .at = {.ms = sql_i64(stmt, 1)},
        };
    } else if (!err) {
        err = ERR_NOT_FOUND;
    }
    sql_reset(stmt);
    return err;
}

enum err send_journal_count(
    struct send_journal *journal,
    struct wall_ms from,
    struct wall_ms until,
    int64_t *ret_count,
    struct err_why *why)
{
    struct sql_stmt *stmt = journal->stmts[SQL_MESSAGES];
    bool has_row = false;
    sql_bind_i64(stmt, 1, from.ms);
    sql_bind_i64(stmt, 2, until.ms);
    const enum err err = sql_step(stmt, &has_row, why);
    if (!err && has_row) {
        *ret_count = sql_i64(stmt, 0);
    }
    sql_reset(stmt);
    return err;
}
