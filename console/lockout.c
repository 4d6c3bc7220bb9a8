/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wait doubles with each failure beyond the free ones.
 */
#include "console/lockout.h"

static int64_t wait_ms(int64_t beyond)
{
    int64_t ms = LOCKOUT_MS_FIRST;
    for (int64_t step = 1; step < beyond && ms < LOCKOUT_MS_MAX; step++) {
        ms *= 2;
    }
    return ms < LOCKOUT_MS_MAX ? ms : LOCKOUT_MS_MAX;
}

struct lockout lockout_after_failure(const struct lockout *before, int64_t free, struct wall_ms now)
{
    const bool forgotten = now.ms - before->last.ms >= LOCKOUT_MS_FORGET;
    struct lockout after = {.count = (forgotten ? 0 : before->count) + 1, .last = now};
    if (after.count > free) {
        after.until = wall_add(now, wait_ms(after.count - free));
    }
    return after;
}

/* A system clock that was set back must not lock anybody out for longer than the longest wait. */
int64_t lockout_left_ms(const struct lockout *lockout, struct wall_ms now)
{
    const int64_t left_ms = lockout->until.ms - now.ms;
    return left_ms <= 0 ? 0 : (left_ms < LOCKOUT_MS_MAX ? left_ms : LOCKOUT_MS_MAX);
}
