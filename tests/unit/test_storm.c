/* SPDX-License-Identifier: Apache-2.0 */
/* The storm brake's half hours: what is usual, and what is too much. */
#include "notifiers/storm.h"
#include "tests/support/check.h"

static const struct wall_ms now = {.ms = INT64_C(1772670660000)};
static const struct storm_limits limits = {.times = 4, .least = 50};

static struct storm begun(int days_known, int64_t in_slot, struct storm_limits bounds)
{
    struct storm_day days[STORM_DAYS] = {{0}};
    struct storm storm = {0};
    for (int day = 0; day < days_known; day++) {
        days[day] = (struct storm_day){.in_slot = in_slot, .in_day = in_slot + 10};
    }
    storm_begin(&storm, now, days, bounds);
    return storm;
}

static void four_times_the_usual_is_the_bound(void)
{
    struct storm storm = begun(10, 30, limits);
    CHECK_EQ(storm.usual, 30);
    storm_count(&storm, 119);
    CHECK(!storm_is_full(&storm));
    storm_count(&storm, 1);
    CHECK(storm_is_full(&storm));
}

static void a_quiet_half_hour_may_still_bring_some(void)
{
    struct storm storm = begun(10, 0, limits);
    storm_count(&storm, 49);
    CHECK(!storm_is_full(&storm));
    storm_count(&storm, 1);
    CHECK(storm_is_full(&storm));
}

static void without_enough_days_or_by_setting_there_is_no_bound(void)
{
    struct storm few = begun(STORM_DAYS_LEAST - 1, 3, limits);
    struct storm off = begun(STORM_DAYS, 3, (struct storm_limits){.times = 0, .least = 50});
    storm_count(&few, 1000000);
    storm_count(&off, 1000000);
    CHECK(!storm_is_full(&few));
    CHECK(!storm_is_full(&off));
}

static void days_without_any_message_say_nothing(void)
{
    struct storm_day days[STORM_DAYS] = {{0}};
    struct storm storm = {0};
    for (int day = 0; day < STORM_DAYS; day += 2) { /* every other one a holiday */
        days[day] = (struct storm_day){.in_slot = 20, .in_day = 20};
    }
    storm_begin(&storm, now, days, limits);
    CHECK_EQ(storm.usual, 20);
}

static void a_half_hour_begins_and_ends_on_the_clock(void)
{
    struct storm storm = begun(0, 0, limits);
    const struct wall_ms start = storm_slot_start(now);
    CHECK(start.ms <= now.ms && now.ms - start.ms < STORM_SLOT_MS);
    CHECK(!storm_is_new(&storm, now));
    CHECK(!storm_is_new(&storm, start));
    CHECK(storm_is_new(&storm, wall_add(start, STORM_SLOT_MS)));
    CHECK(storm_is_new(&storm, wall_add(start, -1)));
}

int main(void)
{
    CHECK_RUN(four_times_the_usual_is_the_bound);
    CHECK_RUN(a_quiet_half_hour_may_still_bring_some);
    CHECK_RUN(without_enough_days_or_by_setting_there_is_no_bound);
    CHECK_RUN(days_without_any_message_say_nothing);
    CHECK_RUN(a_half_hour_begins_and_ends_on_the_clock);
    return check_done();
}
