/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting by running sums against counting day by day and minute by minute, on random calendars
 * in all zones. The slow way shares only the question whether a date works.
 */
#include <stdlib.h>

#include "base/prng.h"
#include "rules/calendar_count.h"
#include "rules/duration.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

#define CALENDARS 30
#define QUESTIONS 60

static uint64_t first_seed = 20260213;

static const struct day_interval mornings[] = {{25200, 41400}};
static const struct day_interval three[] = {{0, 10800}, {30600, 43200}, {79200, 86400}};
static const struct season seasons[] = {{601, 915, {mornings, 1}}, {1215, 110, {three, 3}}};

static struct civil_day random_day(struct prng *prng)
{
    return (struct civil_day){.number = (int32_t)prng_range(prng, 18262, 18262 + 2 * 365)};
}

static void random_calendar(struct rule_world *world, struct prng *prng)
{
    world_init(world, (enum world_zone)prng_below(prng, 5));
    struct civil_day *holidays = arena_array(&world->arena, 60, sizeof(*holidays));
    struct civil_day *workdays = arena_array(&world->arena, 20, sizeof(*workdays));
    for (size_t i = 0; i < 60; i++)
        holidays[i] = random_day(prng);
    for (size_t i = 0; i < 20; i++)
        workdays[i] = random_day(prng);
    world->spec.holidays = holidays;
    world->spec.holiday_count = 60;
    world->spec.workdays = workdays;
    world->spec.workday_count = 20;
    world->spec.seasons = seasons;
    world->spec.season_count = prng_below(prng, 3);
    world->spec.day_ends_at_midnight = prng_one_in(prng, 3);
    if (prng_one_in(prng, 4))
        world->spec.working_weekday[1 + prng_below(prng, 7)] = false;
}

static struct wall_ms random_instant(const struct calendar *calendar, struct prng *prng)
{
    return calendar_instant(calendar, random_day(prng), (int32_t)prng_below(prng, 86400));
}

/* ---- the slow way ---- */

static bool in_office(const struct calendar *calendar, int64_t ms)
{
    struct civil_day day = calendar_local_day(calendar, (struct wall_ms){ms});
    if (!calendar_is_working(calendar, day))
        return false;
    const struct office_hours hours = calendar_hours_on(calendar, day);
    for (size_t i = 0; i < hours.interval_count; i++) {
        if (ms >= calendar_instant(calendar, day, hours.intervals[i].from_s).ms &&
            ms < calendar_instant(calendar, day, hours.intervals[i].to_s).ms)
            return true;
    }
    return false;
}

static bool in_pause(const struct count_options *options, int64_t ms)
{
    for (size_t i = 0; i < options->pause_count; i++) {
        if (options->pauses[i].from.ms <= ms && ms < options->pauses[i].to.ms)
            return true;
    }
    return false;
}

/* All our instants are whole minutes here, so that time can be walked by them. */
static int64_t slow_office(
    const struct calendar *calendar,
    int64_t from_ms,
    int64_t minutes,
    const struct count_options *options)
{
    while (minutes > 0) {
        if (in_office(calendar, from_ms) && !in_pause(options, from_ms))
            minutes--;
        from_ms += 60000;
    }
    return from_ms;
}

static bool is_paused_date(
    const struct calendar *calendar, const struct count_options *options, int32_t number)
{
    for (size_t i = 0; i < options->pause_count; i++) {
        if (calendar_day_of(calendar, options->pauses[i].from).number <= number &&
            number < calendar_day_of(calendar, options->pauses[i].to).number)
            return true;
    }
    return false;
}

static struct wall_ms slow_days(
    const struct calendar *calendar,
    struct wall_ms start,
    struct duration duration,
    const struct count_options *options)
{
    struct civil_day day = calendar_local_day(calendar, start);
    const bool late =
        !calendar_is_working(calendar, day) || start.ms > calendar_close_of(calendar, day).ms;
    if (options->late_arrival_next_working_day && late) {
        do {
            day.number++;
        } while (!calendar_is_working(calendar, day));
    }
    for (int64_t left = duration.amount; left > 0;) {
        day.number++;
        const bool counts =
            duration.unit == UNIT_CALENDAR_DAY || calendar_is_working(calendar, day);
        left -= counts && !is_paused_date(calendar, options, day.number);
    }
    while (options->roll_next_working_day && duration.unit == UNIT_CALENDAR_DAY &&
           !calendar_is_working(calendar, day))
        day.number++;
    return duration_on_date(calendar, day, duration.at_second);
}

/* ---- the comparisons ---- */

static size_t random_pauses(
    const struct calendar *calendar, struct prng *prng, struct wall_ms start, struct interval *ret)
{
    const size_t count = prng_below(prng, 4);
    struct wall_ms from = wall_add(start, prng_range(prng, -2000, 4000) * 60000);
    (void)calendar;
    for (size_t i = 0; i < count; i++) {
        ret[i].from = from;
        ret[i].to = wall_add(from, prng_range(prng, 1, 6000) * 60000);
        from = wall_add(from, prng_range(prng, 1, 9000) * 60000); /* may overlap */
    }
    return count;
}

static struct wall_ms fast(
    const struct calendar *calendar,
    struct wall_ms start,
    struct duration duration,
    const struct count_options *options)
{
    struct counted counted = {0};
    CHECK_EQ(duration_after(calendar, start, duration, options, &counted), ERR_OK);
    return counted.at;
}

static void ask(const struct calendar *calendar, struct prng *prng)
{
    struct wall_ms start = random_instant(calendar, prng);
    struct interval pauses[4];
    start.ms -= start.ms % 60000;
    const struct count_options options = {
        .late_arrival_next_working_day = prng_one_in(prng, 2),
        .roll_next_working_day = prng_one_in(prng, 2),
        .pauses = pauses,
        .pause_count = random_pauses(calendar, prng, start, pauses),
    };
    struct duration days = {
        .unit = prng_one_in(prng, 2) ? UNIT_WORKING_DAY : UNIT_CALENDAR_DAY,
        .amount = prng_range(prng, 1, 40),
        .at_second = prng_one_in(prng, 2) ? -1 : (int32_t)prng_below(prng, 1441) * 60,
    };
    CHECK_EQ(
        fast(calendar, start, days, &options).ms, slow_days(calendar, start, days, &options).ms);
    const int64_t minutes = prng_range(prng, 1, 3000);
    const struct duration work = {
        .unit = UNIT_WORKING_TIME, .amount = minutes * 60000, .at_second = -1};
    CHECK_EQ(
        fast(calendar, start, work, &options).ms,
        slow_office(calendar, start.ms, minutes, &options));
}

static void running_sums_give_what_counting_gives(void)
{
    for (uint64_t i = 0; i < CALENDARS; i++) {
        struct rule_world world;
        struct prng prng;
        prng_seed(&prng, first_seed + i);
        check_note("seed %llu", (unsigned long long)(first_seed + i));
        random_calendar(&world, &prng);
        for (int question = 0; question < QUESTIONS; question++)
            ask(world_calendar(&world), &prng);
        world_release(&world);
    }
}

static void office_time_there_and_back_again(void)
{
    for (uint64_t i = 0; i < CALENDARS; i++) {
        struct rule_world world;
        struct prng prng;
        prng_seed(&prng, first_seed + 1000 + i);
        check_note("seed %llu", (unsigned long long)(first_seed + 1000 + i));
        random_calendar(&world, &prng);
        const struct calendar *calendar = world_calendar(&world);
        for (int question = 0; question < QUESTIONS; question++) {
            const struct wall_ms start = random_instant(calendar, &prng);
            const int64_t ms = prng_range(&prng, 1, 400 * 3600000LL);
            struct wall_ms end = {0};
            struct wall_ms back = {0};
            CHECK(calendar_office_after(calendar, start, ms, &end));
            CHECK_EQ(calendar_office_ms(calendar, start, end), ms);
            CHECK_EQ(calendar_office_ms(calendar, start, wall_add(end, -1)), ms - 1);
            CHECK(calendar_office_before(calendar, end, ms, &back));
            CHECK_GE(back.ms, start.ms);
            CHECK_EQ(calendar_office_ms(calendar, back, end), ms);
            CHECK_EQ(calendar_office_ms(calendar, wall_add(back, 1), end), ms - 1);
        }
        world_release(&world);
    }
}

static void working_dates_there_and_back_again(void)
{
    struct rule_world world;
    struct prng prng;
    prng_seed(&prng, first_seed);
    random_calendar(&world, &prng);
    const struct calendar *calendar = world_calendar(&world);
    for (int question = 0; question < 2000; question++) {
        /* Also outside the years that are prepared. */
        const struct civil_day from = {.number = (int32_t)prng_range(&prng, 6000, 60000)};
        const int64_t n = prng_range(&prng, 1, 3000);
        struct civil_day to = {0};
        struct civil_day back = {0};
        check_note("seed %llu day %d", (unsigned long long)first_seed, from.number);
        CHECK(calendar_working_after(calendar, from, n, &to));
        CHECK_EQ(calendar_working_count(calendar, from, to), n);
        CHECK(calendar_is_working(calendar, to));
        to.number++;
        CHECK(calendar_working_before(calendar, to, n, &back));
        CHECK_GE(back.number, from.number + 1);
        CHECK_EQ(
            calendar_working_count(calendar, (struct civil_day){back.number - 1}, to),
            n + calendar_is_working(calendar, to));
    }
    world_release(&world);
}

int main(int argc, char **argv)
{
    const char *seed = getenv("NRT_SEED");
    if (seed)
        first_seed = strtoull(seed, NULL, 10);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(running_sums_give_what_counting_gives);
    CHECK_RUN(office_time_there_and_back_again);
    CHECK_RUN(working_dates_there_and_back_again);
    return check_done();
}
