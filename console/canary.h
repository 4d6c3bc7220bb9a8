/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canary (settings `ops.canary`): a message a day whose arrival proves that a channel works,
 * and the look whether it has arrived. When is the business of daily.c.
 */
#ifndef NRT_CONSOLE_CANARY_H
#define NRT_CONSOLE_CANARY_H

#include "console/console.h"

/* The notice of that day, as an outbox item. */
void canary_write(struct console *console, struct civil_day day, struct buf *json);
/*
 * Tells operators when the canary of that day has not arrived, and when one has again. A canary
 * the ledger knows nothing of counts only if it was `sent` by this process.
 */
void canary_look(struct console *console, struct civil_day day, bool sent);

#endif
