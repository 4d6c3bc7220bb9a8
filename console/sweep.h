/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sweeps: an event for each open case, after a change of the configuration. A replan puts running
 * runs under the rules of a version (or takes that back), a recount has every case looked at again
 * because calendar or directory changed. How far a sweep has come stands in the ledger, by way of
 * the journal: a console that starts again goes on from there, and what it repeats has the same
 * (source, id) and counts once. One sweep runs at a time, the oldest first.
 */
#ifndef NRT_CONSOLE_SWEEP_H
#define NRT_CONSOLE_SWEEP_H

#include "console/changes.h"

struct sweeper;
struct sweeper *sweeper_create(struct console *console);
void sweeper_free(struct sweeper *sweeper); /* accepts NULL */
/* There may be something to do (called again and again; cheap). */
void sweeper_look(struct sweeper *sweeper);
bool sweeper_is_busy(const struct sweeper *sweeper);
/* End this one at the next boundary; false when it is not the one under way. */
bool sweeper_cancel(struct sweeper *sweeper, struct text id);

/* A sweep's whole state as a fact for the journal. */
void sweep_fact(struct buf *fact, const struct ledger_replan *sweep, int64_t now_ms);
/* The id of the next replan, "r3". False when the ledger cannot be read. */
bool sweep_next_id(struct console *console, char ret_id[static CHANGE_ID_BYTES]);

#endif
