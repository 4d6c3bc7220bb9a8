/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast one mailbox of a channel may get messages: at most so many in any 60 s of service
 * time (a window, not a bucket: a bucket lets twice as many through around a refill), and none
 * while its gateway has closed it. Pure: instants are handed in.
 */
#ifndef NRT_NOTIFIERS_THROTTLE_H
#define NRT_NOTIFIERS_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wall.h"

#define THROTTLE_PER_MINUTE_MAX 64
#define THROTTLE_WINDOW_MS      60000

struct throttle {
    int32_t per_minute; /* 0: no bound */
    int32_t sent_next;  /* ring of the last per_minute instants */
    int64_t sent_ms[THROTTLE_PER_MINUTE_MAX];
    int64_t closed_until_ms;
    int64_t planned_ms; /* deferred messages come back in portions of per_minute */
    int32_t planned_count;
};

void throttle_init(struct throttle *throttle, int32_t per_minute);
/* May one go now? */
bool throttle_is_open(const struct throttle *throttle, struct wall_ms now);
/* One goes (or went, at start, from the send journal) at this instant. */
void throttle_count(struct throttle *throttle, struct wall_ms at);
/* When a message that may not go now should come back. Later ones get later portions. */
struct wall_ms throttle_defer(struct throttle *throttle, struct wall_ms now);
/* The gateway closed the mailbox. */
void throttle_close(struct throttle *throttle, struct wall_ms until);

#endif
