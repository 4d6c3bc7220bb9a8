/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What could not be read is acknowledged, but not lost: the journal keeps that it came, why it
 * could not be read, and its beginning where that holds no numbers of people (a "reject" fact, as
 * for events).
 */
#ifndef NRT_NOTIFIERS_UNREADABLE_H
#define NRT_NOTIFIERS_UNREADABLE_H

#include "base/text.h"
#include "base/wall.h"

#define UNREADABLE_BYTES_MAX ((size_t)64 * 1024) /* of one fact */

struct unreadable {
    const char *via; /* "outbox", "mailbox", "receipt" */
    struct text position;
    struct text body;
    const char *why;
    struct wall_ms at;
    bool may_hold_numbers; /* of a gateway: only its length and hash are kept */
};

/* Append the fact, after a comma where the buffer already holds one. Errors are the buffer's. */
void fact_unreadable(struct buf *facts, const struct unreadable *unreadable);

#endif
