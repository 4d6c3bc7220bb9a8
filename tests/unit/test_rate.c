/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token buckets: what a burst may take, how it comes back, and that strangers share nothing.
 */
#include <stdio.h>

#include "console/rate.h"
#include "tests/support/check.h"

static const struct rate_limit ten_a_minute = {.burst = 5, .per_minute = 10};

static bool take(struct rate *rate, const char *name, int64_t now_ms, int32_t *ret_wait_s)
{
    return rate_take(rate, text_of(name), ten_a_minute, (struct mono_ms){now_ms}, ret_wait_s);
}

static void a_burst_is_followed_by_the_long_run(void)
{
    struct rate *rate = rate_create();
    int32_t wait_s = -1;
    int64_t now_ms = 1000;
    for (int i = 0; i < 5; i++) {
        CHECK(take(rate, "a", now_ms, &wait_s));
    }
    CHECK(!take(rate, "a", now_ms, &wait_s));
    CHECK_GE(wait_s, 6);
    CHECK(wait_s <= 7);
    CHECK(!take(rate, "a", now_ms + 5900, &wait_s));
    CHECK(take(rate, "a", now_ms + 6000, &wait_s));
    now_ms += 1000000;
    int taken = 0;
    for (int64_t ms = 0; ms < 600000; ms += 100) { /* ten minutes of hammering */
        taken += take(rate, "a", now_ms + ms, &wait_s);
    }
    CHECK_GE(taken, 5 + 99);
    CHECK(taken <= 5 + 100);
    rate_free(rate);
}

static void one_who_hammers_locks_nobody_else_out(void)
{
    struct rate *rate = rate_create();
    int32_t wait_s = 0;
    for (int i = 0; i < 100; i++) {
        (void)take(rate, "a", 1000, &wait_s);
    }
    CHECK(!take(rate, "a", 1000, &wait_s));
    CHECK(take(rate, "b", 1000, &wait_s));
    rate_free(rate);
}

static void a_flood_of_names_does_not_refuse_a_new_one(void)
{
    struct rate *rate = rate_create();
    int32_t wait_s = 0;
    char name[32];
    for (int i = 0; i < 50000; i++) {
        (void)snprintf(name, sizeof name, "stranger %d", i);
        CHECK(take(rate, name, 1000 + i, &wait_s));
    }
    CHECK(take(rate, "b", 60000, &wait_s));
    rate_free(rate);
}

int main(void)
{
    CHECK_RUN(a_burst_is_followed_by_the_long_run);
    CHECK_RUN(one_who_hammers_locks_nobody_else_out);
    CHECK_RUN(a_flood_of_names_does_not_refuse_a_new_one);
    return check_done();
}
