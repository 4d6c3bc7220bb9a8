/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the cases of a notice that has got its number: each hears of it as an event of its own,
 * by which the unit is told. The events' ids come from the notice, so telling again does no harm;
 * a console that died between the number and the events, or could not reach Redis, leaves that to
 * the next look.
 */
#ifndef NRT_CONSOLE_PAPER_TELL_H
#define NRT_CONSOLE_PAPER_TELL_H

#include "console/api.h"
#include "console/ledger_papers.h"

#define PAPER_SOURCE "/nrt/console"

struct paper_teller;

/* NULL when memory is out. Looks by itself, but not in stepped mode. */
struct paper_teller *paper_teller_create(struct console *console);
void paper_teller_free(struct paper_teller *teller); /* accepts NULL */

/*
 * Append the message to the head of the unit, and to whom it is copied, as an outbox item: where
 * no rule set says who hears of such an act on a case. Nothing is appended where one does.
 * ret_for: whom the item's partition goes by. ERR_NOT_FOUND as below.
 */
enum err paper_message(
    const struct view *view,
    struct text paper,
    struct arena *arena,
    struct buf *json,
    struct text *ret_for) ERR_MUST_USE;

/*
 * The events of that paper, as CloudEvents in the arena. ERR_NOT_FOUND when the ledger does not
 * know it.
 */
enum err paper_events(
    const struct view *view,
    struct text paper,
    struct arena *arena,
    struct text **ret_events,
    size_t *ret_count) ERR_MUST_USE;

#endif
