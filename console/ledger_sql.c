/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building, binding and stepping the SELECTs of the ledger's readers. Values are bound, never
 * pasted.
 */
#include "console/ledger_sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/must.h"

void select_init(struct select *select, const char *head)
{
    *select = (struct select){0};
    buf_init(&select->sql, (size_t)16 * 1024);
    buf_string(&select->sql, head);
}

void select_release(struct select *select)
{
    buf_release(&select->sql);
}

void select_where(struct select *select, const char *condition)
{
    buf_string(&select->sql, select->has_where ? " AND " : " WHERE ");
    buf_string(&select->sql, condition);
    select->has_where = true;
}

static struct select_bind *bind_next(struct select *select)
{
    MUST(select->bind_count < SELECT_BINDS_MAX);
    return &select->binds[select->bind_count++];
}

void select_text(struct select *select, struct text value)
{
    bind_next(select)->text = value;
}

void select_number(struct select *select, int64_t value)
{
    *bind_next(select) = (struct select_bind){.is_number = true, .number = value};
}

void select_equal(struct select *select, const char *column, struct text value)
{
    if (value.bytes == 0) {
        return;
    }
    char condition[96];
    const int bytes = snprintf(condition, sizeof(condition), "%s = ?", column);
    MUST(bytes > 0 && (size_t)bytes < sizeof(condition));
    select_where(select, condition);
    select_text(select, value);
}

void select_scope(struct select *select, const char *column, const struct scope *scope)
{
    if (scope->all) {
        return;
    }
    char condition[160];
    const int bytes =
        snprintf(condition, sizeof(condition), "%s IN (SELECT value FROM json_each(?))", column);
    MUST(bytes > 0 && (size_t)bytes < sizeof(condition));
    select_where(select, condition);
    select_text(select, scope->units.bytes > 0 ? scope->units : TEXT_LITERAL("[]"));
}

void select_and(struct select *select, const char *condition)
{
    buf_format(&select->sql, " AND (%s)", condition);
}

void select_and_equal(struct select *select, const char *column, struct text value)
{
    if (value.bytes > 0) {
        buf_format(&select->sql, " AND %s = ?", column);
        select_text(select, value);
    }
}

void select_seen(
    struct select *select, const char *column, const struct scope *scope, select_add_fn *add)
{
    if (!scope || scope->all) {
        return;
    }
    char condition[256];
    const int bytes = snprintf(
        condition, sizeof(condition),
        "EXISTS (SELECT 1 FROM case_units v WHERE v.case_id = %s"
        " AND v.unit IN (SELECT value FROM json_each(?)))",
        column);
    MUST(bytes > 0 && (size_t)bytes < sizeof(condition));
    add(select, condition);
    select_text(select, scope->units.bytes > 0 ? scope->units : TEXT_LITERAL("[]"));
}

void select_and_found(
    struct select *select, const char *words, const struct search_phrases *phrases)
{
    for (int index = 0; index < phrases->count; index++) {
        buf_format(&select->sql, " AND instr(%s, ?) > 0", words);
        select_text(select, text_of(phrases->phrases[index]));
    }
}

enum err select_count(struct select *select, struct ledger *ledger, int64_t *ret_count)
{
    struct sql_stmt *stmt = NULL;
    int64_t count = 0;
    enum err err = select_prepare(select, ledger, &stmt);
    if (!err && select_row(stmt, &err)) {
        count = sql_i64(stmt, 0);
    }
    if (!err) {
        *ret_count = count;
    }
    sql_finalize(stmt);
    select_release(select);
    return err;
}

enum err select_counts(
    struct select *select, struct ledger *ledger, ledger_count_fn *take, void *context)
{
    struct sql_stmt *stmt = NULL;
    enum err err = select_prepare(select, ledger, &stmt);
    while (!err && select_row(stmt, &err)) {
        const struct ledger_count row = {
            .word = sql_text(stmt, 0), .other = sql_text(stmt, 1), .count = sql_i64(stmt, 2)};
        if (!take(context, &row)) {
            break;
        }
    }
    sql_finalize(stmt);
    select_release(select);
    return err;
}

void select_after(
    struct select *select, const char *columns, bool descending, const struct ledger_key *after)
{
    if (!after->given) {
        return;
    }
    char condition[160];
    (void)snprintf(condition, sizeof(condition), "(%s) %c (?, ?)", columns, descending ? '<' : '>');
    select_where(select, condition);
    select_number(select, after->number);
    select_text(select, after->tie);
}

void select_end(struct select *select, const char *order, int64_t limit)
{
    buf_format(&select->sql, " ORDER BY %s LIMIT %lld", order, (long long)limit);
}

enum err select_prepare(struct select *select, struct ledger *ledger, struct sql_stmt **ret_stmt)
{
    struct err_why why = {0};
    enum err err = buf_error(&select->sql);
    if (err) {
        return err;
    }
    if (ledger->on_select) {
        ledger->on_select(ledger->on_select_context, select->sql.ptr);
    }
    err = sql_prepare(ledger->db, select->sql.ptr, ret_stmt, &why);
    if (err) {
        log_error("ledger_read_failed", "err=%s why=\"%s\"", err_name(err), why.text);
        return err;
    }
    for (int index = 0; index < select->bind_count; index++) {
        const struct select_bind *bind = &select->binds[index];
        if (bind->is_number) {
            sql_bind_i64(*ret_stmt, index + 1, bind->number);
        } else {
            sql_bind_text(*ret_stmt, index + 1, bind->text);
        }
    }
    return ERR_OK;
}

/* The next start looks at every page then. Not of backups, which are only looked at. */
static void note_damage(const char *path)
{
    char mark[1024];
    struct err_why why = {0};
    const char *name = strrchr(path, '/');
    if (!name || strcmp(name, "/ledger.db") != 0) {
        return;
    }
    const int bytes = snprintf(mark, sizeof(mark), "%s" LEDGER_DAMAGED, path);
    if ((size_t)bytes < sizeof(mark) && access(mark, F_OK) != 0 &&
        file_write(mark, (struct text){0}, 0600, &why)) {
        log_error("ledger_damage_not_noted", "why=\"%s\"", why.text);
    }
}

bool select_row(struct sql_stmt *stmt, enum err *err)
{
    struct err_why why = {0};
    bool row = false;
    *err = sql_step(stmt, &row, &why);
    if (*err) {
        log_error("ledger_read_failed", "err=%s why=\"%s\"", err_name(*err), why.text);
    }
    if (*err == ERR_CORRUPT) {
        note_damage(sql_stmt_path(stmt));
    }
    return !*err && row;
}

struct ledger_instant sql_instant(struct sql_stmt *stmt, int column)
{
    return (struct ledger_instant){
        .known = !sql_is_null(stmt, column), .ms = sql_i64(stmt, column)};
}

void list_end_set(struct list_end *end, int64_t number, struct text tie)
{
    end->number = number;
    (void)snprintf(end->tie, sizeof(end->tie), "%.*s", TEXT_ARGS(tie));
}
