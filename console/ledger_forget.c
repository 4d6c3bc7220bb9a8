/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ledger_forget.h. Up to where the texts are gone stands in a row of its own, so that each
 * night begins where the last one ended.
 */
#include "console/ledger_forget.h"

#include <stdio.h>
#include <string.h>

#include "console/ledger_internal.h"
#include "console/ledger_sql.h"

struct mark {
    int64_t at;
    char id[64];
};

static enum err read_mark(
    struct ledger *ledger, const char *text, const int64_t *numbers, struct mark *mark)
{
    struct select select;
    struct sql_stmt *stmt = NULL;
    select_init(&select, text);
    if (numbers) {
        select_number(&select, mark->at);
        select_text(&select, text_of(mark->id));
        select_number(&select, numbers[0]);
        select_number(&select, numbers[1]);
    }
    enum err err = select_prepare(&select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        mark->at = sql_i64(stmt, 0);
        (void)snprintf(mark->id, sizeof(mark->id), "%.*s", TEXT_ARGS(sql_text(stmt, 1)));
    }
    sql_finalize(stmt);
    select_release(&select);
    return err;
}

static enum err run(
    struct ledger *ledger,
    const char *text,
    const struct mark *marks,
    size_t count,
    struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(ledger->db, text, &stmt, why);
    for (size_t index = 0; index < count && !err; index++) {
        sql_bind_i64(stmt, (int)index * 2 + 1, marks[index].at);
        sql_bind_text(stmt, (int)index * 2 + 2, text_of(marks[index].id));
    }
    if (!err) {
        err = sql_run(stmt, why);
    }
    sql_finalize(stmt);
    return err;
}

static enum err forget_texts(
    struct ledger *ledger, int64_t before_ms, int64_t rows_max, bool *ret_more, struct err_why *why)
{
    const int64_t numbers[] = {before_ms, rows_max};
    struct mark marks[2] = {{0}, {0}};
    enum err err =
        read_mark(ledger, "SELECT at, id FROM forgotten WHERE what = 'texts'", NULL, &marks[0]);
    marks[1] = marks[0];
    if (!err) {
        err = read_mark(
            ledger,
            "SELECT at, id FROM (SELECT at, id FROM messages WHERE (at, id) > (?, ?) AND at < ?"
            " ORDER BY at, id LIMIT ?) ORDER BY at DESC, id DESC LIMIT 1",
            numbers, &marks[1]);
    }
    if (err || (marks[0].at == marks[1].at && strcmp(marks[0].id, marks[1].id) == 0)) {
        return err;
    }
    err =
        run(ledger,
            "UPDATE messages SET body = '' WHERE (at, id) > (?1, ?2) AND (at, id) <= (?3, ?4)"
            " AND body <> ''",
            marks, 2, why);
    if (!err) {
        err =
            run(ledger,
                "INSERT INTO forgotten VALUES('texts', ?1, ?2) ON CONFLICT DO UPDATE SET at = ?1,"
                " id = ?2",
                &marks[1], 1, why);
    }
    *ret_more = true;
    return err;
}

static enum err forget_rejects(
    struct ledger *ledger, int64_t before_ms, int64_t rows_max, bool *ret_more, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(
        ledger->db,
        "DELETE FROM rejects WHERE (partition, fact) IN (SELECT partition, fact FROM rejects"
        " WHERE at < ?1 ORDER BY at, partition, fact LIMIT ?2)",
        &stmt, why);
    if (!err) {
        sql_bind_i64(stmt, 1, before_ms);
        sql_bind_i64(stmt, 2, rows_max);
        err = sql_run(stmt, why);
    }
    sql_finalize(stmt);
    if (!err && sql_changes(ledger->db) > 0) {
        *ret_more = true;
    }
    return err;
}

enum err ledger_forget(
    struct ledger *ledger, int64_t before_ms, int64_t rows_max, bool *ret_more, struct err_why *why)
{
    bool more = false;
    enum err err = sql_exec(ledger->db, "BEGIN IMMEDIATE", why);
    if (err) {
        return err;
    }
    err = forget_texts(ledger, before_ms, rows_max, &more, why);
    if (!err) {
        err = forget_rejects(ledger, before_ms, rows_max, &more, why);
    }
    if (!err) {
        err = sql_exec(ledger->db, "COMMIT", why);
    }
    if (err) {
        const enum err ignored = sql_exec(ledger->db, "ROLLBACK", NULL);
        (void)ignored;
        return err;
    }
    *ret_more = more;
    return ERR_OK;
}
