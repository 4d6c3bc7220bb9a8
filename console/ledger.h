/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger (台账): a SQLite file fed from the journal alone, with the journal's positions in the
 * same transaction, so each entry counts exactly once. It answers every list and figure; Redis
 * answers none. One writer: the console. Rows depend only on the set of facts, not on the order
 * in which the partitions of the journal were read.
 */
#ifndef NRT_CONSOLE_LEDGER_H
#define NRT_CONSOLE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "store/store.h"

#define LEDGER_FORMAT        4
#define LEDGER_DAMAGED       ".damaged" /* ledger.db.damaged: there is a page that cannot be read */
#define LEDGER_MISSES_LISTED 3          /* a unit with so many misses is shown */

struct ledger;

/*
 * Open or make the file and bring its schema up to LEDGER_FORMAT. ERR_CORRUPT when it was written
 * by a newer program; the caller closes with ledger_close().
 */
enum err ledger_open(const char *path, struct ledger **ret_ledger, struct err_why *why)
    ERR_MUST_USE;
void ledger_close(struct ledger *ledger); /* accepts NULL */

/* The last applied position of a partition, "0-0" at the beginning; valid until the next apply. */
struct text ledger_position(const struct ledger *ledger, int32_t partition);
/* Does the ledger hold everything up to `position` of that partition? */
bool ledger_has_reached(const struct ledger *ledger, int32_t partition, struct text position);

/*
 * Apply journal entries and their positions in one transaction. On an error nothing of it
 * happened; feed the same entries again. A fact that cannot be read is kept as it is among the
 * oddities and the rest goes on.
 */
enum err ledger_apply(
    struct ledger *ledger, const struct journal_entry *entries, size_t count, struct err_why *why)
    ERR_MUST_USE;

/*
 * Grows with each transaction of this process that tells of more than the audit trail: who looks
 * at lists need not look again because somebody has signed in. The live stream's id.
 */
int64_t ledger_revision(const struct ledger *ledger);

/* Order of stream positions "ms-sequence": <0, 0, >0. Anything unreadable counts as "0-0". */
int position_compare(struct text a, struct text b);

#endif
