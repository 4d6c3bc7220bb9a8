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

/* The same of every unit, by family and unit; `ret_text` is emptied first. */
void ledger_feed_units(struct ledger *ledger, char ret_text[static 256]);

/* A ledger as an older program left it: of that format, with these rows. */
bool ledger_feed_older(const char *path, int64_t format, const char *rows);

#endif
