/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite adapter. Every connection gets the same settings, because half of them are off by
 * default; errors become our vocabulary with SQLite's own words in the why.
 */
#include "base/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/must.h"

#define BUSY_WAIT_MS   5000
#define PATH_BYTES_MAX 4096

/* Of a backup, between two questions whether to stop. */
#define BACKUP_PAGES 2048

/* Steps of SQLite's machine between two questions: some microseconds. */
#define STOP_STEPS 4000

struct sql_db {
    sqlite3 *handle;
    sql_stop_fn *stop;
    void *stop_context;
};

struct sql_function {
    sql_text_fn *call;
};

struct sql_stmt {
    sqlite3_stmt *handle;
    sqlite3 *db;
    int bind_error; /* the first one since the last reset, or SQLITE_OK */
};

static enum err err_of_constraint(int code)
{
    return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                   code == SQLITE_CONSTRAINT_ROWID
               ? ERR_EXISTS
               : ERR_REFUSED;
}

/* SQLite's result codes are plain integers: what is not named here is a fault of the disk. */
static enum err err_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ERR_OK;
    case SQLITE_CONSTRAINT:
        return err_of_constraint(code);
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return ERR_TIMEOUT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return ERR_REFUSED;
    case SQLITE_TOOBIG:
        return ERR_RANGE;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_SCHEMA:
        return ERR_USAGE;
    default:
        return ERR_IO;
    }
}

static enum err fail(sqlite3 *db, int code, struct err_why *why)
{
    /* The connection's message belongs to its last call: only use it if it is about this one. */
    const bool own = db && (sqlite3_errcode(db) & 0xff) == (code & 0xff);
    return err_set(
        why, err_of(code), "SQLite: %s (code %d)", own ? sqlite3_errmsg(db) : sqlite3_errstr(code),
        code);
}

/* ---- connections ---- */

static enum err configure(struct sql_db *db, enum sql_durability durability, struct err_why *why)
{
    (void)sqlite3_extended_result_codes(db->handle, 1);
    (void)sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    const enum err err = sql_exec(
        db, "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY", why);
    if (err || durability == SQL_READ_ONLY)
        return err;
    return sql_exec(
        db,
        durability == SQL_DURABLE ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
                                  : "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        why);
}

enum err sql_open(
    const char *path, enum sql_durability durability, struct sql_db **ret_db, struct err_why *why)
{
    struct err_why inner = {0};
    struct sql_db *const db = calloc(1, sizeof *db);
    if (!db)
        return err_set(why, ERR_NO_MEMORY, "%s: out of memory", path);
    const bool read_only = durability == SQL_READ_ONLY;
    const bool missing = read_only && access(path, F_OK) != 0;
    const int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
        (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    const int code = sqlite3_open_v2(path, &db->handle, flags, NULL);
    enum err err =
        code == SQLITE_OK ? configure(db, durability, &inner) : fail(db->handle, code, &inner);
    if (err && missing)
        err = ERR_NOT_FOUND;
    if (err) {
        sql_close(db);
        return err_set(why, err, "%.100s: %.180s", path, inner.text);
    }
    *ret_db = db;
    return ERR_OK;
}

void sql_close(struct sql_db *db)
{
    if (!db)
        return;
    const int code = sqlite3_close(db->handle);
    MUST(code == SQLITE_OK); /* busy: a statement was not released */
    free(db);
}

static int ask_stop(void *context)
{
    const struct sql_db *const db = context;
    return db->stop(db->stop_context);
}

void sql_set_stop(struct sql_db *db, sql_stop_fn *stop, void *context)
{
    db->stop = stop;
    db->stop_context = context;
    sqlite3_progress_handler(db->handle, stop ? STOP_STEPS : 0, stop ? ask_stop : NULL, db);
}

enum err sql_exec(struct sql_db *db, const char *script, struct err_why *why)
{
    const int code = sqlite3_exec(db->handle, script, NULL, NULL, NULL);
    return code == SQLITE_OK ? ERR_OK : fail(db->handle, code, why);
}

int64_t sql_changes(struct sql_db *db)
{
    return sqlite3_changes64(db->handle);
}

const char *sql_version(void)
{
    return sqlite3_libversion();
}

/* ---- statements ---- */

enum err sql_prepare(
    struct sql_db *db, const char *text, struct sql_stmt **ret_stmt, struct err_why *why)
{
    struct sql_stmt *const stmt = calloc(1, sizeof *stmt);
    if (!stmt)
        return err_set(why, ERR_NO_MEMORY, "out of memory for a statement");
    const int code =
        sqlite3_prepare_v3(db->handle, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt->handle, NULL);
    if (code != SQLITE_OK || !stmt->handle) {
        free(stmt);
        return code == SQLITE_OK ? err_set(why, ERR_USAGE, "SQLite: an empty statement")
                                 : fail(db->handle, code, why);
    }
    stmt->db = db->handle;
    *ret_stmt = stmt;
    return ERR_OK;
}

void sql_finalize(struct sql_stmt *stmt)
{
    if (!stmt)
        return;
    (void)sqlite3_finalize(stmt->handle); /* repeats the error of the last step */
    free(stmt);
}

void sql_reset(struct sql_stmt *stmt)
{
    (void)sqlite3_reset(stmt->handle); /* repeats the error of the last step */
    (void)sqlite3_clear_bindings(stmt->handle);
    stmt->bind_error = SQLITE_OK;
}

static void note_bind(struct sql_stmt *stmt, int code)
{
    if (stmt->bind_error == SQLITE_OK)
        stmt->bind_error = code;
}

void sql_bind_text(struct sql_stmt *stmt, int index, struct text text)
{
    note_bind(
        stmt, sqlite3_bind_text64(
                  stmt->handle, index, text.bytes ? text.ptr : "", text.bytes, SQLITE_TRANSIENT,
                  SQLITE_UTF8));
}

void sql_bind_blob(struct sql_stmt *stmt, int index, struct text bytes)
{
    note_bind(
        stmt,
        sqlite3_bind_blob64(
            stmt->handle, index, bytes.bytes ? bytes.ptr : "", bytes.bytes, SQLITE_TRANSIENT));
}

void sql_bind_i64(struct sql_stmt *stmt, int index, int64_t number)
{
    note_bind(stmt, sqlite3_bind_int64(stmt->handle, index, number));
}

void sql_bind_double(struct sql_stmt *stmt, int index, double number)
{
    note_bind(stmt, sqlite3_bind_double(stmt->handle, index, number));
}

void sql_bind_null(struct sql_stmt *stmt, int index)
{
    note_bind(stmt, sqlite3_bind_null(stmt->handle, index));
}

enum err sql_step(struct sql_stmt *stmt, bool *ret_row, struct err_why *why)
{
    if (stmt->bind_error != SQLITE_OK) {
        return err_set(
            why, err_of(stmt->bind_error), "SQLite: cannot bind a value: %s",
            sqlite3_errstr(stmt->bind_error));
    }
    const int code = sqlite3_step(stmt->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return fail(stmt->db, code, why);
    *ret_row = code == SQLITE_ROW;
    return ERR_OK;
}

enum err sql_run(struct sql_stmt *stmt, struct err_why *why)
{
    bool row = false;
    const enum err err = sql_step(stmt, &row, why);
    sql_reset(stmt);
    return err;
}

/* Both the pointer and the length must be asked in this order, says SQLite. */
struct text sql_text(struct sql_stmt *stmt, int column)
{
    const void *const ptr = sqlite3_column_type(stmt->handle, column) == SQLITE_BLOB
                                ? sqlite3_column_blob(stmt->handle, column)
                                : (const void *)sqlite3_column_text(stmt->handle, column);
    const int bytes = sqlite3_column_bytes(stmt->handle, column);
    return (struct text){.ptr = ptr, .bytes = ptr ? (size_t)bytes : 0};
}

int64_t sql_i64(struct sql_stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt->handle, column);
}

double sql_double(struct sql_stmt *stmt, int column)
{
    return sqlite3_column_double(stmt->handle, column);
}

bool sql_is_null(struct sql_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt->handle, column) == SQLITE_NULL;
}

const char *sql_stmt_path(const struct sql_stmt *stmt)
{
    const char *const path = sqlite3_db_filename(stmt->db, "main");
    return path ? path : "";
}

/* ---- functions ---- */

#define FUNCTION_BYTES_MAX ((size_t)1024 * 1024)

static void call_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct sql_function *const function = sqlite3_user_data(context);
    MUST(count == 1);
    const void *const ptr = sqlite3_value_text(values[0]);
    if (!ptr)
        return; /* NULL */
    const struct text in = {.ptr = ptr, .bytes = (size_t)sqlite3_value_bytes(values[0])};
    struct buf out;
    buf_init(&out, FUNCTION_BYTES_MAX);
    function->call(in, &out);
    if (buf_error(&out)) {
        sqlite3_result_error_toobig(context);
    } else {
        const struct text said = buf_view(&out);
        sqlite3_result_text64(
            context, said.bytes > 0 ? said.ptr : "", said.bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    buf_release(&out);
}

enum err sql_add_function(
    struct sql_db *db, const char *name, sql_text_fn *call, struct err_why *why)
{
    struct sql_function *const function = malloc(sizeof *function);
    if (!function)
        return err_set(why, ERR_NO_MEMORY, "out of memory for a function");
    *function = (struct sql_function){.call = call};
    /* INNOCUOUS: triggers of the schema may call it. SQLite frees it, also after a failure. */
    const int code = sqlite3_create_function_v2(
        db->handle, name, 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, function,
        call_function, NULL, NULL, free);
    return code == SQLITE_OK ? ERR_OK : fail(db->handle, code, why);
}

/* ---- backup ---- */

static int copy_pages(struct sql_db *from, sqlite3 *to)
{
    sqlite3_backup *const backup = sqlite3_backup_init(to, "main", from->handle, "main");
    int code = SQLITE_OK;
    if (!backup)
        return sqlite3_errcode(to);
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, BACKUP_PAGES);
        if (code == SQLITE_OK && from->stop && from->stop(from->stop_context)) {
            (void)sqlite3_backup_finish(backup);
            return SQLITE_INTERRUPT;
        }
    }
    return sqlite3_backup_finish(backup); /* the step's error, if it had one */
}

/*
 * All of it is of the moment the first page is read: a transaction stands open meanwhile, so that
 * others may write without the copy having to begin again.
 */
static int copy_moment(struct sql_db *from, sqlite3 *to)
{
    const bool idle = sqlite3_get_autocommit(from->handle) != 0;
    if (idle)
        (void)sqlite3_exec(from->handle, "BEGIN; SELECT 1 FROM sqlite_master", NULL, NULL, NULL);
    const int code = copy_pages(from, to);
    if (idle)
        (void)sqlite3_exec(from->handle, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

/* The copy has a name of its own until it is complete. */
static enum err backup_to(struct sql_db *db, const char *part, struct err_why *why)
{
    sqlite3 *to = NULL;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    const int fd = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(why, ERR_IO, "%s: cannot be made: %s", part, strerrordesc_np(errno));
    (void)close(fd); /* whoever may read the original, a copy is for its owner alone */
    int code = sqlite3_open_v2(part, &to, flags, NULL);
    if (code == SQLITE_OK)
        code = copy_moment(db, to);
    const enum err err = code == SQLITE_OK ? ERR_OK : fail(to, code, why);
    (void)sqlite3_close(to);
    return err;
}

enum err sql_backup(struct sql_db *db, const char *path, struct err_why *why)
{
    char part[PATH_BYTES_MAX];
    struct err_why inner = {0};
    const int bytes = snprintf(part, sizeof part, "%s.part", path);
    if (bytes < 0 || (size_t)bytes >= sizeof part)
        return err_set(why, ERR_RANGE, "%.200s...: this path is too long", path);
    if (access(path, F_OK) == 0)
        return err_set(why, ERR_EXISTS, "%s: is there already; a backup needs a new name", path);
    (void)unlink(part); /* left by a backup that did not end */
    const enum err err = backup_to(db, part, &inner);
    if (err) {
        (void)unlink(part);
        return err_set(why, err, "%.100s: %.180s", path, inner.text);
    }
    if (rename(part, path) != 0)
        return err_set(why, ERR_IO, "%s: the finished backup cannot take this name", path);
    return file_sync_folder_of(path, why);
}

/* Only the last one that has it open can leave the WAL; a damaged file has nobody to ask. */
bool sql_is_open_elsewhere(const char *path)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    (void)sqlite3_close(db);
    return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
}
