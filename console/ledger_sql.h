/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small builder of SELECTs for the readers of the ledger: conditions with bound values, so
 * that no word from outside ever becomes a part of the statement's text.
 */
#ifndef NRT_CONSOLE_LEDGER_SQL_H
#define NRT_CONSOLE_LEDGER_SQL_H

#include "console/actor.h"
#include "console/ledger_internal.h"
#include "console/ledger_read.h"
#include "console/search_words.h"

#define SELECT_BINDS_MAX 32

struct select_bind {
    bool is_number;
    int64_t number;
    struct text text;
};

struct select {
    struct buf sql;
    struct select_bind binds[SELECT_BINDS_MAX];
    int bind_count;
    bool has_where;
};

void select_init(struct select *select, const char *head);
void select_release(struct select *select);
/* Conditions are joined with AND; each `?` in them takes the next bound value. */
void select_where(struct select *select, const char *condition);
void select_text(struct select *select, struct text value);
void select_number(struct select *select, int64_t value);
/* "column = ?" unless the value is empty. */
void select_equal(struct select *select, const char *column, struct text value);
/* The column names a unit of the scope: the expression may be longer, as "coalesce(a, b)". */
void select_scope(struct select *select, const char *column, const struct scope *scope);
/* " AND (condition)", for statements that bring their own WHERE. */
void select_and(struct select *select, const char *condition);
void select_and_equal(struct select *select, const char *column, struct text value);
/*
 * The column holds the id of a case that the scope shows: its unit, its sender's or that of one of
 * its runs is in it. The words are added by select_and() or select_where().
 */
typedef void select_add_fn(struct select *select, const char *condition);
void select_seen(
    struct select *select, const char *column, const struct scope *scope, select_add_fn *add);
/* Each phrase is among these words, an expression that makes them. */
void select_and_found(
    struct select *select, const char *words, const struct search_phrases *phrases);
/* The one number of the first row; 0 when there is none. Releases the select in any case. */
enum err select_count(struct select *select, struct ledger *ledger, int64_t *ret_count)
    ERR_MUST_USE;
/* Rows of a word, another and a number, each to `take`. Releases the select in any case. */
enum err select_counts(
    struct select *select, struct ledger *ledger, ledger_count_fn *take, void *context)
    ERR_MUST_USE;
/* "(number, tie) > (?, ?)", or <, unless no key was given. */
void select_after(
    struct select *select, const char *columns, bool descending, const struct ledger_key *after);
void select_end(struct select *select, const char *order, int64_t limit);
/* Prepare and bind. The caller finalizes the statement. */
enum err select_prepare(struct select *select, struct ledger *ledger, struct sql_stmt **ret_stmt)
    ERR_MUST_USE;

/* The next row; false at the end or on an error, which goes into *err and the log. */
bool select_row(struct sql_stmt *stmt, enum err *err);
struct ledger_instant sql_instant(struct sql_stmt *stmt, int column);
/* Where a list ended. The tie is cut to what fits (case ids are at most 128 bytes). */
void list_end_set(struct list_end *end, int64_t number, struct text tie);

#endif
