/* SPDX-License-Identifier: Apache-2.0 */
/* How long somebody who failed to sign in has to wait. */
#include "console/lockout.h"
#include "tests/support/check.h"

#define FREE 4
#define NOW  INT64_C(1772409600000)

static struct lockout after(int64_t failures, int64_t each_ms)
{
    struct lockout lockout = {0};
    for (int64_t index = 0; index < failures; index++) {
        lockout = lockout_after_failure(
            &lockout, &lockout_of_name, (struct wall_ms){NOW + index * each_ms});
    }
    return lockout;
}

static int64_t left_after(int64_t failures)
{
    const struct lockout lockout = after(failures, 0);
    return lockout_left_ms(&lockout, (struct wall_ms){NOW});
}

static void the_first_failures_cost_nothing(void)
{
    CHECK_EQ(left_after(0), 0);
    CHECK_EQ(left_after(1), 0);
    CHECK_EQ(left_after(FREE), 0);
}

static void then_each_one_doubles_the_wait(void)
{
    CHECK_EQ(left_after(FREE + 1), 60000);
    CHECK_EQ(left_after(FREE + 2), 120000);
    CHECK_EQ(left_after(FREE + 3), 240000);
}

static void the_wait_has_a_maximum(void)
{
    CHECK_EQ(left_after(FREE + 6), LOCKOUT_MS_MAX);
    CHECK_EQ(left_after(1000000), LOCKOUT_MS_MAX);
}

static void the_wait_is_over_at_its_instant(void)
{
    const struct lockout lockout = after(FREE + 1, 0);
    CHECK_EQ(lockout_left_ms(&lockout, (struct wall_ms){NOW + 59999}), 1);
    CHECK_EQ(lockout_left_ms(&lockout, (struct wall_ms){NOW + 60000}), 0);
}

static void a_day_of_quiet_forgets_all(void)
{
    const struct lockout before = after(FREE + 3, 0);
    const struct wall_ms later = {NOW + LOCKOUT_MS_FORGET};
    const struct lockout lockout = lockout_after_failure(&before, &lockout_of_name, later);
    CHECK_EQ(lockout.count, 1);
    CHECK_EQ(lockout_left_ms(&lockout, later), 0);
}

static void failures_an_hour_apart_are_in_a_row(void)
{
    const struct lockout lockout = after(FREE + 1, 3600000);
    CHECK_EQ(lockout.until.ms - lockout.last.ms, 60000);
}

static void a_clock_that_was_set_back_locks_nobody_out(void)
{
    const struct lockout lockout = after(FREE + 1, 0);
    CHECK_EQ(lockout_left_ms(&lockout, (struct wall_ms){0}), LOCKOUT_MS_MAX);
}

/* Of an office behind one address somebody mistypes every minute, all day. */
static void failures_of_an_address_leak_away(void)
{
    struct lockout lockout = {0};
    for (int64_t minute = 0; minute < 600; minute++) {
        lockout = lockout_after_failure(
            &lockout, &lockout_of_address, (struct wall_ms){NOW + minute * 60000});
    }
    CHECK_EQ(lockout.until.ms, 0);
    for (int64_t second = 0; second < 20; second++) {
        lockout = lockout_after_failure(
            &lockout, &lockout_of_address, (struct wall_ms){NOW + 36000000 + second * 1000});
    }
    CHECK_GE(lockout.until.ms, NOW + 36000000 + 60000);
}

int main(void)
{
    CHECK_RUN(the_first_failures_cost_nothing);
    CHECK_RUN(then_each_one_doubles_the_wait);
    CHECK_RUN(the_wait_has_a_maximum);
    CHECK_RUN(the_wait_is_over_at_its_instant);
    CHECK_RUN(a_day_of_quiet_forgets_all);
    CHECK_RUN(failures_an_hour_apart_are_in_a_row);
    CHECK_RUN(failures_of_an_address_leak_away);
    CHECK_RUN(a_clock_that_was_set_back_locks_nobody_out);
    return check_done();
}
