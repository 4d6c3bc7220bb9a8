/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this half hour far above what it usually brings? Pure: earlier half hours are handed in,
 * what goes out is counted. Without enough days to know what is usual there is no bound.
 */
#ifndef NRT_NOTIFIERS_STORM_H
#define NRT_NOTIFIERS_STORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wall.h"

#define STORM_SLOT_MS    ((int64_t)30 * 60 * 1000)
#define STORM_DAYS       14 /* looked back */
#define STORM_DAYS_LEAST 5  /* of them with any message, or nothing is known */

struct storm_limits {
    int32_t times; /* settings storm.times; 0: no bound */
    int32_t least; /* never fewer than that many: storm.least */
};

/* What went out in the same half hour of earlier days, and on those days as a whole. */
struct storm_day {
    int64_t in_slot;
    int64_t in_day;
};

struct storm {
    int64_t slot; /* number of the half hour; 0: none yet */
    int64_t sent; /* in it, by this notifier */
    int64_t bound;
    int64_t usual;
};

/* The half hour that `now` is in; true when it is another one than before: begin it then. */
bool storm_is_new(const struct storm *storm, struct wall_ms now);
/* Where it began. */
struct wall_ms storm_slot_start(struct wall_ms now);
void storm_begin(
    struct storm *storm,
    struct wall_ms now,
    const struct storm_day days[static STORM_DAYS],
    struct storm_limits limits);
/* So many messages went out. */
void storm_count(struct storm *storm, int64_t messages);
/* One more would be too many. */
bool storm_is_full(const struct storm *storm);

#endif
