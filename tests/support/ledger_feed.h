/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several tests of the ledger feed it, and how they read its figures.
 */
#ifndef NRT_TESTS_SUPPORT_LEDGER_FEED_H
#define NRT_TESTS_SUPPORT_LEDGER_FEED_H

#include "console/ledger.h"
#include "console/ledger_read.h"

/* An open, red case of that unit with one run of the clock "reply", which ended or stands so. */
void ledger_feed_case(struct ledger *ledger, const char *id, const char *unit, const char *outcome);
/* Appends "family/unit met:missed;" to the 256 characters that context points to. */
bool ledger_feed_figure(void *context, const struct ledger_figure *row);

/* Takes a new, empty ledger back to format 2. */
#define LEDGER_FEED_FORMAT_2                                                                       \
    "DROP TRIGGER messages_go; DROP TRIGGER receipts_come; DROP TRIGGER receipts_change;"          \
    "DROP INDEX messages_of_digest; DROP TABLE gateway_ids; DROP TABLE receipts;"                  \
    "DROP INDEX messages_gone_as; ALTER TABLE messages DROP COLUMN went_as;"                       \
    "ALTER TABLE messages DROP COLUMN digest; ALTER TABLE messages DROP COLUMN notice;"            \
    "ALTER TABLE messages DROP COLUMN stands_in_for;"                                              \
    "ALTER TABLE messages DROP COLUMN sent_at; DELETE FROM tallies WHERE kind <> 'case';"          \
    "CREATE TABLE receipts(message TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,"       \
    " code TEXT NOT NULL, channel TEXT NOT NULL, PRIMARY KEY(message, state, at, code))"           \
    " WITHOUT ROWID; PRAGMA user_version = 2;"

#endif
