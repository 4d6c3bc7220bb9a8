/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wait doubles with each failure beyond the free ones.
 */
#include "console/lockout.h"

const struct lockout_rule lockout_of_name = {.free = 4};
const struct lockout_rule lockout_of_address = {.free = 19, .leak_ms = 30000};

static int64_t wait_ms(int64_t beyond)
{
    int64_t ms = LOCKOUT_MS_FIRST;
    for (int64_t step = 1; step < beyond && ms < LOCKOUT_MS_MAX; step++) {
        ms *= 2;
    }
    return ms < LOCKOUT_MS_MAX ? ms : LOCKOUT_MS_MAX;
}

static int64_t still_known(
    const struct lockout *before, const struct lockout_rule *rule, struct wall_ms now)
{
    const int64_t quiet_ms = now.ms - before->last.ms;
    if (quiet_ms >= LOCKOUT_MS_FORGET) {
        return 0;
    }
    const int64_t leaked = rule->leak_ms > 0 && quiet_ms > 0 ? quiet_ms / rule->leak_ms : 0;
    return before->count > leaked ? before->count - leaked : 0;
}

struct lockout lockout_after_failure(
    const struct lockout *before, const struct lockout_rule *rule, struct wall_ms now)
{
    struct lockout after = {.count = still_known(before, rule, now) + 1, .last = now};
    if (after.count > rule->free) {
        after.until = wall_add(now, wait_ms(after.count - rule->free));
    }
    return after;
}

/* A system clock that was set back must not lock anybody out for longer than the longest wait. */
int64_t lockout_left_ms(const struct lockout *lockout, struct wall_ms now)
{
    const int64_t left_ms = lockout->until.ms - now.ms;
    return left_ms <= 0 ? 0 : (left_ms < LOCKOUT_MS_MAX ? left_ms : LOCKOUT_MS_MAX);
}
