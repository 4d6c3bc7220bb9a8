/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger to read beside its writer: a connection of its own, for one thread, that cannot
 * write. It has neither positions nor a revision.
 */
#ifndef NRT_CONSOLE_LEDGER_READER_H
#define NRT_CONSOLE_LEDGER_READER_H

#include "base/sql.h"
#include "console/ledger.h"

/* The file must have been opened by its writer before. The caller closes with ledger_close(). */
enum err ledger_open_reader(const char *path, struct ledger **ret_ledger, struct err_why *why)
    ERR_MUST_USE;
/* While `stop` says true queries end with ERR_TIMEOUT; asked in the thread of the query. */
void ledger_set_stop(struct ledger *ledger, sql_stop_fn *stop, void *context);
/* What is read between the two is of one moment, the first reading's. */
enum err ledger_moment_begin(struct ledger *ledger, struct err_why *why) ERR_MUST_USE;
void ledger_moment_end(struct ledger *ledger);

#endif
