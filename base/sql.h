/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite behind one door (sqlite3.h is used in base/sql.c only): open with our settings (WAL,
 * foreign keys, busy timeout, trusted_schema off), run scripts, prepared statements with typed
 * binds. Not thread-safe: one connection belongs to one thread.
 */
#ifndef NRT_BASE_SQL_H
#define NRT_BASE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct sql_db;
struct sql_stmt;

enum sql_durability {
    SQL_DURABLE, /* synchronous=FULL: a commit survives power loss */
    SQL_RELAXED, /* synchronous=NORMAL under WAL: may lose the last commits, never corrupts */
    SQL_READ_ONLY
};

/* path may be ":memory:". The caller closes with sql_close(). */
enum err sql_open(
    const char *path, enum sql_durability durability, struct sql_db **ret_db, struct err_why *why)
    ERR_MUST_USE;
void sql_close(struct sql_db *db); /* finalizes nothing: release statements first; accepts NULL */
/*
 * Asked again and again while a statement of this connection works, in its thread; true ends it
 * with ERR_TIMEOUT. NULL: nobody is asked.
 */
typedef bool sql_stop_fn(void *context);
void sql_set_stop(struct sql_db *db, sql_stop_fn *stop, void *context);
/* Run one or more statements without results. */
enum err sql_exec(struct sql_db *db, const char *script, struct err_why *why) ERR_MUST_USE;

/* Statements are kept by their owner and reset between uses. */
enum err sql_prepare(
    struct sql_db *db, const char *text, struct sql_stmt **ret_stmt, struct err_why *why)
    ERR_MUST_USE;
void sql_finalize(struct sql_stmt *stmt); /* accepts NULL */
void sql_reset(struct sql_stmt *stmt);    /* also clears the binds */

/* Index from 1. Text is copied. Failures show at the next step. */
void sql_bind_text(struct sql_stmt *stmt, int index, struct text text);
void sql_bind_blob(struct sql_stmt *stmt, int index, struct text bytes);
void sql_bind_i64(struct sql_stmt *stmt, int index, int64_t number);
void sql_bind_double(struct sql_stmt *stmt, int index, double number);
void sql_bind_null(struct sql_stmt *stmt, int index);

/* ERR_OK with *ret_row false at the end. ERR_EXISTS for a broken UNIQUE; ERR_FULL when the disk is.
 */
enum err sql_step(struct sql_stmt *stmt, bool *ret_row, struct err_why *why) ERR_MUST_USE;
/* Step once, expect no row needed, reset. */
enum err sql_run(struct sql_stmt *stmt, struct err_why *why) ERR_MUST_USE;

/* Columns from 0, valid until the next step or reset. */
struct text sql_text(struct sql_stmt *stmt, int column);
int64_t sql_i64(struct sql_stmt *stmt, int column);
double sql_double(struct sql_stmt *stmt, int column);
bool sql_is_null(struct sql_stmt *stmt, int column);
/* The file that the statement works on; "" for one in memory. As long as its connection is open. */
const char *sql_stmt_path(const struct sql_stmt *stmt);
int64_t sql_changes(struct sql_db *db);

/*
 * A function that SQL may call by `name` on this connection: one text in, one text out; the same
 * in gives the same out. NULL stays NULL. It runs in the thread of the statement.
 */
typedef void sql_text_fn(struct text in, struct buf *out);
enum err sql_add_function(
    struct sql_db *db, const char *name, sql_text_fn *call, struct err_why *why) ERR_MUST_USE;

/* Online copy of the whole database to a new file (SQLite's backup API). */
enum err sql_backup(struct sql_db *db, const char *path, struct err_why *why) ERR_MUST_USE;

/* Has anybody, of this process or another, the file open? It must be of journal_mode WAL. */
bool sql_is_open_elsewhere(const char *path);

const char *sql_version(void);

#endif
