/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that only read. Under WAL they neither wait for the writer nor hold it up.
 */
#include "console/ledger_reader.h"

#include <stdlib.h>

#include "console/ledger_internal.h"
#include "console/search_words.h"

/* A share of the pages that lists and figures touch again and again (KiB, negative). */
static const char reader_settings[] = "PRAGMA query_only = ON; PRAGMA cache_size = -16384";

enum err ledger_open_reader(const char *path, struct ledger **ret_ledger, struct err_why *why)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger) {
        return err_set(why, ERR_NO_MEMORY, "no memory for a reader of the ledger");
    }
    enum err err = sql_open(path, SQL_READ_ONLY, &ledger->db, why);
    if (!err) {
        err = sql_exec(ledger->db, reader_settings, why);
    }
    if (!err) {
        err = sql_add_function(ledger->db, LEDGER_WORDS, search_words, why);
    }
    if (err) {
        ledger_close(ledger);
        return err;
    }
    *ret_ledger = ledger;
    return ERR_OK;
}

void ledger_set_stop(struct ledger *ledger, sql_stop_fn *stop, void *context)
{
    sql_set_stop(ledger->db, stop, context);
}

enum err ledger_moment_begin(struct ledger *ledger, struct err_why *why)
{
    return sql_exec(ledger->db, "BEGIN", why);
}

void ledger_moment_end(struct ledger *ledger)
{
    const enum err ignored = sql_exec(ledger->db, "ROLLBACK", NULL);
    (void)ignored; /* nothing was written; without a moment there is nothing to end */
}
