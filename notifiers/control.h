/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this message go out now, as far as people and the storm brake are concerned? The control is
 * read from the store right before each claim, so what is claimed is judged by what stood then.
 * The brake is engaged here: after a stop of the service, a restore or a replan all messages
 * wait a moment and are counted; and a slot of the day that brings far more than it usually does
 * is held for release.
 */
#ifndef NRT_NOTIFIERS_CONTROL_H
#define NRT_NOTIFIERS_CONTROL_H

#include <stdbool.h>

#include "base/text.h"
#include "base/wall.h"

struct notifier;
struct mail_job;
struct control_part;

#define CONTROL_REASON_BYTES 256

/* NULL when memory is out. */
struct control_part *control_create(struct notifier *notifier);
void control_free(struct control_part *control); /* accepts NULL */

/* Read the control again, ahead of a claim on the same line to the store. */
void control_refresh(struct control_part *control);
struct control_hold {
    struct wall_ms ready;
    char reason[CONTROL_REASON_BYTES]; /* what an operator understands */
};
/* False when the message has to wait. */
bool control_lets_go(
    struct control_part *control, const struct mail_job *job, struct control_hold *ret_hold);

/* Is sending stopped for this unit, or by this channel? */
bool control_stops(const struct control_part *control, struct text channel, struct text unit);

/* So many messages are about to go out, for the first time. */
void control_sent(struct control_part *control, int64_t messages);

/* What the heartbeat tells. */
struct control_figures {
    int64_t revision; /* of the control in force here */
    bool stopped;     /* something is stopped by people */
    bool braked;      /* the brake holds, or everything is waiting to be counted */
};
struct control_figures control_figures(const struct control_part *control);

#endif
