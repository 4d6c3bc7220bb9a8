/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row at a time: a bundle may be large, and a crash between two rows leaves each whole.
 */
#include "console/ledger_reseal.h"

#include "console/ledger_sql.h"

#define BUNDLE_BYTES_MAX ((size_t)64 << 20)

static const struct {
    const char *next; /* the row behind ?, if it has a bundle */
    const char *write;
} tables[] = {
    {"SELECT version, bundle FROM config_versions WHERE bundle IS NOT NULL AND version > ?1"
     " ORDER BY version LIMIT 1",
     "UPDATE config_versions SET bundle = ?2 WHERE version = ?1"},
    {"SELECT rowid, bundle FROM draft_bundles WHERE rowid > ?1 ORDER BY rowid LIMIT 1",
     "UPDATE draft_bundles SET bundle = ?2 WHERE rowid = ?1"},
};
#define TABLE_COUNT (sizeof tables / sizeof tables[0])

/* The next bundle of a table; false at the end. */
static enum err bundle_next(
    struct ledger *ledger, size_t table, int64_t *row, struct buf *bundle, bool *ret_found)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(ledger->db, tables[table].next, &stmt, NULL);
    *ret_found = false;
    if (!err) {
        sql_bind_i64(stmt, 1, *row);
        err = sql_step(stmt, ret_found, NULL);
    }
    if (!err && *ret_found) {
        *row = sql_i64(stmt, 0);
        buf_clear(bundle);
        buf_text(bundle, sql_text(stmt, 1));
        err = buf_error(bundle);
    }
    sql_finalize(stmt);
    return err;
}

static enum err table_uses(struct ledger *ledger, size_t table, struct seal_uses *uses)
{
    struct buf bundle;
    int64_t row = -1;
    bool found = true;
    enum err err = ERR_OK;
    buf_init(&bundle, BUNDLE_BYTES_MAX);
    while (!err && found) {
        err = bundle_next(ledger, table, &row, &bundle, &found);
        if (!err && found) {
            err = seal_uses_add(buf_view(&bundle), uses);
        }
    }
    buf_release(&bundle);
    return err;
}

enum err ledger_seal_uses(struct ledger *ledger, struct seal_uses *uses)
{
    enum err err = ERR_OK;
    for (size_t table = 0; table < TABLE_COUNT && !err; table++) {
        err = table_uses(ledger, table, uses);
    }
    return err;
}

static enum err bundle_write(
    struct ledger *ledger, size_t table, int64_t row, struct text bundle, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    enum err err = sql_prepare(ledger->db, tables[table].write, &stmt, why);
    if (!err) {
        sql_bind_i64(stmt, 1, row);
        sql_bind_text(stmt, 2, bundle);
        err = sql_run(stmt, why);
    }
    sql_finalize(stmt);
    return err;
}

static enum err table_reseal(
    struct ledger *ledger, size_t table, const uint8_t *key, size_t *count, struct err_why *why)
{
    struct buf bundle;
    struct buf resealed;
    int64_t row = -1;
    bool found = true;
    enum err err = ERR_OK;
    buf_init(&bundle, BUNDLE_BYTES_MAX);
    buf_init(&resealed, BUNDLE_BYTES_MAX);
    while (!err && found) {
        size_t values = 0;
        err = bundle_next(ledger, table, &row, &bundle, &found);
        buf_clear(&resealed);
        if (!err && found) {
            err = bundle_reseal(buf_view(&bundle), key, &resealed, &values, why);
        }
        if (!err && values > 0) {
            err = bundle_write(ledger, table, row, buf_view(&resealed), why);
            *count += 1;
        }
    }
    buf_release(&resealed);
    buf_release(&bundle);
    return err;
}

enum err ledger_reseal(
    struct ledger *ledger,
    const uint8_t key[static SEAL_KEY_BYTES],
    size_t *ret_count,
    struct err_why *why)
{
    size_t count = 0;
    enum err err = ERR_OK;
    for (size_t table = 0; table < TABLE_COUNT && !err; table++) {
        err = table_reseal(ledger, table, key, &count, why);
    }
    if (!err) {
        *ret_count = count;
    }
    return err;
}
