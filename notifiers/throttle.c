/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The window is a ring of the last per_minute instants: one more may go when the oldest of
 * them is a window old.
 */
#include "notifiers/throttle.h"

#include "base/must.h"

#define LONG_AGO_MS (-INT64_C(1000000000000))

void throttle_init(struct throttle *throttle, int32_t per_minute)
{
    MUST(per_minute >= 0 && per_minute <= THROTTLE_PER_MINUTE_MAX);
    *throttle = (struct throttle){.per_minute = per_minute};
    for (int32_t index = 0; index < THROTTLE_PER_MINUTE_MAX; index++) {
        throttle->sent_ms[index] = LONG_AGO_MS;
    }
}

/* The instant from which one more may go. */
static int64_t open_from(const struct throttle *throttle)
{
    int64_t from_ms = throttle->closed_until_ms;
    if (throttle->per_minute > 0) {
        const int64_t window_ms = throttle->sent_ms[throttle->sent_next] + THROTTLE_WINDOW_MS;
        from_ms = window_ms > from_ms ? window_ms : from_ms;
    }
    return from_ms;
}

bool throttle_is_open(const struct throttle *throttle, struct wall_ms now)
{
    return now.ms >= open_from(throttle);
}

void throttle_count(struct throttle *throttle, struct wall_ms at)
{
    if (throttle->per_minute > 0) {
        throttle->sent_ms[throttle->sent_next] = at.ms;
        throttle->sent_next = (throttle->sent_next + 1) % throttle->per_minute;
    }
}

struct wall_ms throttle_defer(struct throttle *throttle, struct wall_ms now)
{
    const int64_t from_ms = open_from(throttle);
    if (throttle->planned_ms < from_ms || throttle->planned_ms <= now.ms) {
        throttle->planned_ms = from_ms > now.ms ? from_ms : now.ms + 1;
        throttle->planned_count = 0;
    } else if (throttle->per_minute > 0 && throttle->planned_count >= throttle->per_minute) {
        throttle->planned_ms += THROTTLE_WINDOW_MS;
        throttle->planned_count = 0;
    }
    throttle->planned_count++;
    return wall_add((struct wall_ms){.ms = throttle->planned_ms}, 0);
}

void throttle_close(struct throttle *throttle, struct wall_ms until)
{
    if (until.ms > throttle->closed_until_ms) {
        throttle->closed_until_ms = until.ms;
    }
}
