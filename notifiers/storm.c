/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days without any message (holidays, a service that was off) say nothing of what is usual; a day
 * with some, but none in this half hour, does.
 */
#include "notifiers/storm.h"

bool storm_is_new(const struct storm *storm, struct wall_ms now)
{
    return storm->slot != now.ms / STORM_SLOT_MS;
}

struct wall_ms storm_slot_start(struct wall_ms now)
{
    return (struct wall_ms){.ms = now.ms / STORM_SLOT_MS * STORM_SLOT_MS};
}

void storm_begin(
    struct storm *storm,
    struct wall_ms now,
    const struct storm_day days[static STORM_DAYS],
    struct storm_limits limits)
{
    int64_t known = 0;
    int64_t sum = 0;
    for (int day = 0; day < STORM_DAYS; day++) {
        known += days[day].in_day > 0 ? 1 : 0;
        sum += days[day].in_slot;
    }
    *storm = (struct storm){.slot = now.ms / STORM_SLOT_MS};
    if (limits.times <= 0 || known < STORM_DAYS_LEAST) {
        return;
    }
    storm->usual = (sum + known - 1) / known;
    storm->bound = storm->usual * limits.times;
    if (storm->bound < limits.least) {
        storm->bound = limits.least;
    }
}

void storm_count(struct storm *storm, int64_t messages)
{
    storm->sent += messages;
}

bool storm_is_full(const struct storm *storm)
{
    return storm->bound > 0 && storm->sent >= storm->bound;
}
