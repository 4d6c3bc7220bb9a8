/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite door: settings, binds, errors in our words, online copies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sql.h"
#include "tests/support/check.h"

static char path[200];
static char copy_path[220];

static struct sql_db *open_db(const char *where, enum sql_durability durability)
{
    struct sql_db *db = NULL;
    struct err_why why = {0};
    CHECK_EQ(sql_open(where, durability, &db, &why), ERR_OK);
    CHECK_STR(why.text, "");
    return db;
}

static struct sql_stmt *prepare(struct sql_db *db, const char *text)
{
    struct sql_stmt *stmt = NULL;
    struct err_why why = {0};
    CHECK_EQ(sql_prepare(db, text, &stmt, &why), ERR_OK);
    CHECK_STR(why.text, "");
    return stmt;
}

/* The only column of the only row, as text. */
static const char *one_value(struct sql_db *db, const char *query)
{
    static char value[100];
    bool row = false;
    struct sql_stmt *const stmt = prepare(db, query);
    value[0] = '\0';
    CHECK_EQ(sql_step(stmt, &row, NULL), ERR_OK);
    if (CHECK(row))
        (void)snprintf(value, sizeof value, "%.*s", TEXT_ARGS(sql_text(stmt, 0)));
    sql_finalize(stmt);
    return value;
}

static void remove_files(void)
{
    static const char *const tails[] = {"", "-wal", "-shm", ".copy", ".copy.part"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char name[300];
        (void)snprintf(name, sizeof name, "%s%s", path, tails[i]);
        (void)unlink(name);
    }
}

static void values_come_back_as_they_were_bound(void)
{
    struct sql_db *const db = open_db(":memory:", SQL_RELAXED);
    CHECK_EQ(sql_exec(db, "CREATE TABLE t(a,b,c,d,e)", NULL), ERR_OK);
    struct sql_stmt *const insert = prepare(db, "INSERT INTO t VALUES(?,?,?,?,?)");
    sql_bind_text(insert, 1, text_of("一'\"; --"));
    sql_bind_i64(insert, 2, INT64_MIN);
    sql_bind_double(insert, 3, 0.25);
    sql_bind_blob(insert, 4, TEXT_LITERAL("\0\xff\0"));
    sql_bind_null(insert, 5);
    CHECK_EQ(sql_run(insert, NULL), ERR_OK);
    CHECK_EQ(sql_changes(db), 1);
    sql_bind_text(insert, 1, (struct text){0}); /* the others are null again */
    CHECK_EQ(sql_run(insert, NULL), ERR_OK);
    sql_finalize(insert);

    bool row = false;
    struct sql_stmt *const query = prepare(db, "SELECT a,b,c,d,e FROM t ORDER BY rowid");
    CHECK_EQ(sql_step(query, &row, NULL), ERR_OK);
    CHECK(row);
    CHECK(text_is(sql_text(query, 0), "一'\"; --"));
    CHECK_EQ(sql_i64(query, 1), INT64_MIN);
    CHECK(sql_double(query, 2) == 0.25);
    CHECK(text_equal(sql_text(query, 3), TEXT_LITERAL("\0\xff\0")));
    CHECK(sql_is_null(query, 4));
    CHECK_EQ(sql_text(query, 4).bytes, 0);
    CHECK_EQ(sql_step(query, &row, NULL), ERR_OK);
    CHECK(row);
    CHECK(!sql_is_null(query, 0));
    CHECK(sql_is_null(query, 1));
    CHECK_EQ(sql_step(query, &row, NULL), ERR_OK);
    CHECK(!row);
    sql_finalize(query);
    sql_finalize(NULL);
    sql_close(db);
    sql_close(NULL);
}

static void every_connection_has_our_settings(void)
{
    struct sql_db *db = open_db(path, SQL_DURABLE);
    CHECK_STR(one_value(db, "PRAGMA journal_mode"), "wal");
    CHECK_STR(one_value(db, "PRAGMA synchronous"), "2");
    CHECK_STR(one_value(db, "PRAGMA foreign_keys"), "1");
    CHECK_STR(one_value(db, "PRAGMA trusted_schema"), "0");
    CHECK_STR(one_value(db, "PRAGMA busy_timeout"), "5000");
    sql_close(db);
    db = open_db(path, SQL_RELAXED);
    CHECK_STR(one_value(db, "PRAGMA synchronous"), "1");
    sql_close(db);
}

static void a_reader_cannot_write(void)
{
    struct err_why why = {0};
    struct sql_db *db = open_db(path, SQL_DURABLE);
    CHECK_EQ(sql_exec(db, "CREATE TABLE IF NOT EXISTS t(a)", NULL), ERR_OK);
    sql_close(db);
    db = open_db(path, SQL_READ_ONLY);
    CHECK_EQ(sql_exec(db, "INSERT INTO t VALUES(1)", &why), ERR_REFUSED);
    CHECK(strstr(why.text, "readonly"));
    sql_close(db);
    remove_files();
    db = NULL;
    CHECK_EQ(sql_open(path, SQL_READ_ONLY, &db, &why), ERR_NOT_FOUND);
    CHECK(!db);
}

static void broken_rules_of_the_schema_are_told_apart(void)
{
    struct err_why why = {0};
    struct sql_db *const db = open_db(":memory:", SQL_RELAXED);
    CHECK_EQ(
        sql_exec(
            db,
            "CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE, c NOT NULL, d REFERENCES t(a));"
            "INSERT INTO t VALUES(1,1,1,NULL)",
            NULL),
        ERR_OK);
    CHECK_EQ(sql_exec(db, "INSERT INTO t VALUES(1,2,1,NULL)", &why), ERR_EXISTS);
    CHECK_STR(why.text, "SQLite: UNIQUE constraint failed: t.a (code 1555)");
    CHECK_EQ(sql_exec(db, "INSERT INTO t VALUES(2,1,1,NULL)", &why), ERR_EXISTS);
    CHECK_EQ(sql_exec(db, "INSERT INTO t VALUES(2,2,NULL,NULL)", &why), ERR_REFUSED);
    CHECK_EQ(sql_exec(db, "INSERT INTO t VALUES(2,2,2,77)", &why), ERR_REFUSED);
    CHECK_EQ(sql_exec(db, "INSERT INTO nowhere VALUES(1)", &why), ERR_USAGE);
    CHECK_STR(why.text, "SQLite: no such table: nowhere (code 1)");
    sql_close(db);
}

static void a_statement_can_be_used_after_a_failure(void)
{
    struct sql_db *const db = open_db(":memory:", SQL_RELAXED);
    CHECK_EQ(sql_exec(db, "CREATE TABLE t(a UNIQUE)", NULL), ERR_OK);
    struct sql_stmt *const insert = prepare(db, "INSERT INTO t VALUES(?)");
    sql_bind_i64(insert, 1, 1);
    CHECK_EQ(sql_run(insert, NULL), ERR_OK);
    sql_bind_i64(insert, 1, 1);
    CHECK_EQ(sql_run(insert, NULL), ERR_EXISTS);
    sql_bind_i64(insert, 7, 1); /* there is no seventh */
    CHECK_EQ(sql_run(insert, NULL), ERR_USAGE);
    sql_bind_i64(insert, 1, 2);
    CHECK_EQ(sql_run(insert, NULL), ERR_OK);
    sql_finalize(insert);
    CHECK_STR(one_value(db, "SELECT count(*) FROM t"), "2");
    struct sql_stmt *stmt = NULL;
    CHECK_EQ(sql_prepare(db, "SELEC 1", &stmt, NULL), ERR_USAGE);
    CHECK_EQ(sql_prepare(db, "  -- nothing", &stmt, NULL), ERR_USAGE);
    CHECK(!stmt);
    sql_close(db);
}

static void a_damaged_file_is_corrupt(void)
{
    struct sql_db *db = NULL;
    struct err_why why = {0};
    FILE *const file = fopen(path, "w");
    if (!CHECK(file))
        return;
    for (int i = 0; i < 1000; i++)
        (void)fputs("this is no database ", file);
    (void)fclose(file);
    CHECK_EQ(sql_open(path, SQL_DURABLE, &db, &why), ERR_CORRUPT);
    CHECK(!db);
    CHECK(strstr(why.text, path));
    remove_files();
    CHECK_EQ(sql_open("/nowhere/at/all.db", SQL_DURABLE, &db, &why), ERR_IO);
}

static void a_backup_is_a_whole_database_under_a_new_name(void)
{
    struct err_why why = {0};
    struct sql_db *const db = open_db(path, SQL_DURABLE);
    CHECK_EQ(
        sql_exec(
            db,
            "CREATE TABLE t(a);"
            "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<5000)"
            "INSERT INTO t SELECT i FROM n",
            NULL),
        ERR_OK);
    CHECK_EQ(sql_backup(db, copy_path, &why), ERR_OK);
    CHECK_EQ(sql_backup(db, copy_path, &why), ERR_EXISTS);
    CHECK_EQ(sql_backup(db, "/nowhere/copy.db", &why), ERR_IO);
    sql_close(db);
    struct sql_db *const copy = open_db(copy_path, SQL_READ_ONLY);
    CHECK_STR(one_value(copy, "SELECT sum(a) FROM t"), "12502500");
    CHECK_STR(one_value(copy, "PRAGMA integrity_check"), "ok");
    sql_close(copy);
    remove_files();
}

static bool stop_after(void *context)
{
    int *left = context;
    return (*left)-- <= 0;
}

static void a_statement_without_an_end_can_be_ended(void)
{
    struct sql_db *const db = open_db(":memory:", SQL_RELAXED);
    struct sql_stmt *const stmt = prepare(
        db,
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n");
    int left = 3;
    bool row = false;
    sql_set_stop(db, stop_after, &left);
    CHECK_EQ(sql_step(stmt, &row, NULL), ERR_TIMEOUT);
    CHECK(left < 0);
    sql_finalize(stmt);
    sql_set_stop(db, NULL, NULL);
    CHECK_STR(one_value(db, "SELECT 7"), "7"); /* and the connection goes on */
    sql_close(db);
}

int main(void)
{
    const char *const folder = getenv("TMPDIR");
    (void)snprintf(path, sizeof path, "%s/sql-%ld.db", folder ? folder : "/tmp", (long)getpid());
    (void)snprintf(copy_path, sizeof copy_path, "%s.copy", path);
    CHECK_RUN(values_come_back_as_they_were_bound);
    CHECK_RUN(every_connection_has_our_settings);
    CHECK_RUN(a_reader_cannot_write);
    CHECK_RUN(broken_rules_of_the_schema_are_told_apart);
    CHECK_RUN(a_statement_can_be_used_after_a_failure);
    CHECK_RUN(a_damaged_file_is_corrupt);
    CHECK_RUN(a_statement_without_an_end_can_be_ended);
    CHECK_RUN(a_backup_is_a_whole_database_under_a_new_name);
    remove_files();
    return check_done();
}
