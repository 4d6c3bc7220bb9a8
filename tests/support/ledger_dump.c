/* SPDX-License-Identifier: Apache-2.0 */
/* See ledger_dump.h. */
#include "tests/support/ledger_dump.h"

#include <stdio.h>

#include "console/ledger_internal.h"
#include "tests/support/check.h"

static void dump_table(struct sql_db *db, struct text table, struct buf *out)
{
    struct sql_stmt *stmt = NULL;
    struct buf columns;
    char text[160];
    bool row = false;
    buf_init(&columns, 4096);
    (void)snprintf(
        text, sizeof(text), "SELECT name FROM pragma_table_info('%.*s')", TEXT_ARGS(table));
    CHECK_EQ(sql_prepare(db, text, &stmt, NULL), ERR_OK);
    while (!sql_step(stmt, &row, NULL) && row) {
        buf_format(
            &columns, "%squote(%.*s)", columns.bytes > 0 ? "||'|'||" : "",
            TEXT_ARGS(sql_text(stmt, 0)));
    }
    sql_finalize(stmt);
    struct buf select;
    buf_init(&select, 8192);
    buf_format(&select, "SELECT %s FROM %.*s ORDER BY 1", columns.ptr, TEXT_ARGS(table));
    CHECK_EQ(sql_prepare(db, select.ptr, &stmt, NULL), ERR_OK);
    while (!sql_step(stmt, &row, NULL) && row) {
        buf_format(out, "%.*s: %.*s\n", TEXT_ARGS(table), TEXT_ARGS(sql_text(stmt, 0)));
    }
    sql_finalize(stmt);
    buf_release(&columns);
    buf_release(&select);
}

char *ledger_dump(struct ledger *ledger)
{
    struct sql_stmt *stmt = NULL;
    struct buf out;
    bool row = false;
    buf_init(&out, (size_t)1024 * 1024);
    CHECK_EQ(
        sql_prepare(
            ledger->db,
            /* Not how the words of a search are laid out: that depends on when they came. */
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%'"
            " ORDER BY name",
            &stmt, NULL),
        ERR_OK);
    while (!sql_step(stmt, &row, NULL) && row) {
        dump_table(ledger->db, sql_text(stmt, 0), &out);
    }
    sql_finalize(stmt);
    return buf_take(&out, NULL);
}
