/* SPDX-License-Identifier: Apache-2.0 */
/* Durations where clocks change, in half-hour zones, and by the national calendar's worked
 * examples of counting days. */
#include "rules/duration.h"
#include "tests/support/check.h"
#include "tests/support/national.h"
#include "tests/support/rule_world.h"

static const struct day_interval round_the_clock[] = {{0, 86400}};
static const struct day_interval nights[] = {{3600, 14400}};

static const char *after(struct rule_world *world, const char *start, const char *words)
{
    struct counted counted;
    const struct count_options options = {0};
    if (duration_after(
            world_calendar(world), world_at(start), world_duration(words), &options, &counted) !=
        ERR_OK)
        return "out of range";
    return world_text(world, counted.at);
}

static const char *before(struct rule_world *world, const char *due, const char *words)
{
    struct wall_ms at;
    if (duration_from_due(world_calendar(world), world_at(due), world_duration(words), true, &at) !=
        ERR_OK)
        return "out of range";
    return world_text(world, at);
}

static void days_keep_their_local_time_over_the_change(void)
{
    struct rule_world world;
    world_init(&world, WORLD_BERLIN);
    CHECK_STR(after(&world, "2026-03-27T10:00:00+01:00", "1wd"), "2026-03-30T17:30:00+02:00");
    CHECK_STR(after(&world, "2026-03-28T10:00:00+01:00", "1d@10:00"), "2026-03-29T10:00:00+02:00");
    CHECK_STR(after(&world, "2026-10-24T10:00:00+02:00", "1d@02:30"), "2026-10-25T02:30:00+02:00");
    CHECK_STR(after(&world, "2026-03-28T10:00:00+01:00", "1d@02:30"), "2026-03-29T03:30:00+02:00");
    CHECK_STR(after(&world, "2026-03-28T10:00:00+01:00", "24h"), "2026-03-29T11:00:00+02:00");
    CHECK_STR(after(&world, "2026-10-24T10:00:00+02:00", "24h"), "2026-10-25T09:00:00+01:00");
    world_release(&world);
}

static void working_time_is_real_time_on_the_day_of_the_change(void)
{
    struct rule_world world;
    world_init(&world, WORLD_BERLIN);
    for (int weekday = 6; weekday <= 7; weekday++)
        world.spec.working_weekday[weekday] = true;
    world.spec.hours = (struct office_hours){.intervals = round_the_clock, .interval_count = 1};
    const struct calendar *calendar = world_calendar(&world);
    CHECK_STR(after(&world, "2026-03-29T00:00:00+01:00", "23wh"), "2026-03-30T00:00:00+02:00");
    CHECK_STR(after(&world, "2026-03-29T00:00:00+01:00", "24wh"), "2026-03-30T01:00:00+02:00");
    CHECK_STR(after(&world, "2026-10-25T00:00:00+02:00", "24wh"), "2026-10-25T23:00:00+01:00");
    CHECK_STR(after(&world, "2026-10-25T00:00:00+02:00", "25wh"), "2026-10-26T00:00:00+01:00");
    CHECK_STR(before(&world, "2026-03-30T00:00:00+02:00", "23wh"), "2026-03-29T00:00:00+01:00");
    const struct between spring = calendar_between(
        calendar, world_at("2026-03-28T12:00:00+01:00"), world_at("2026-03-29T12:00:00+02:00"));
    CHECK_EQ(spring.working_seconds, 23 * 3600);
    const struct between autumn = calendar_between(
        calendar, world_at("2026-10-24T12:00:00+02:00"), world_at("2026-10-25T12:00:00+01:00"));
    CHECK_EQ(autumn.working_seconds, 25 * 3600);
    CHECK_EQ(autumn.working_days, 1);
    world_release(&world);
}

static void an_interval_around_the_change_has_its_real_length(void)
{
    struct rule_world world;
    world_init(&world, WORLD_NEW_YORK);
    world.spec.working_weekday[7] = true;
    world.spec.hours = (struct office_hours){.intervals = nights, .interval_count = 1};
    /* 01:00 to 04:00: two hours when clocks go forward, four when they go back. */
    CHECK_STR(after(&world, "2026-03-08T00:00:00-05:00", "2wh"), "2026-03-08T04:00:00-04:00");
    CHECK_STR(after(&world, "2026-03-08T00:00:00-05:00", "121wm"), "2026-03-09T01:01:00-04:00");
    CHECK_STR(after(&world, "2026-11-01T00:00:00-04:00", "4wh"), "2026-11-01T04:00:00-05:00");
    CHECK_STR(after(&world, "2026-11-01T00:00:00-04:00", "90wm"), "2026-11-01T01:30:00-05:00");
    CHECK_STR(before(&world, "2026-11-01T12:00:00-05:00", "4wh"), "2026-11-01T01:00:00-04:00");
    world_release(&world);
}

static void an_interval_that_ends_in_the_skipped_hour_does_not_overlap_the_next(void)
{
    static const struct day_interval split[] = {{3600, 9000}, {11700, 14400}};
    struct rule_world world;
    world_init(&world, WORLD_BERLIN);
    world.spec.working_weekday[7] = true;
    world.spec.hours = (struct office_hours){.intervals = split, .interval_count = 2};
    /* 01:00-02:30 is read as 01:00+01 to 03:30+02, 03:15-04:00 begins only then. */
    const struct between day = calendar_between(
        world_calendar(&world), world_at("2026-03-29T00:00:00+01:00"),
        world_at("2026-03-29T12:00:00+02:00"));
    CHECK_EQ(day.working_seconds, 2 * 3600);
    CHECK_STR(after(&world, "2026-03-29T00:00:00+01:00", "2wh"), "2026-03-29T04:00:00+02:00");
    world_release(&world);
}

static void half_hour_zones_count_like_others(void)
{
    struct rule_world world;
    world_init(&world, WORLD_KOLKATA);
    CHECK_STR(after(&world, "2026-03-02T10:00:00+05:30", "1wd"), "2026-03-03T17:30:00+05:30");
    CHECK_STR(after(&world, "2026-03-01T20:00:00Z", "1wh"), "2026-03-02T09:30:00+05:30");
    world_release(&world);
    world_init(&world, WORLD_LORD_HOWE);
    CHECK_STR(after(&world, "2026-10-02T17:00:00+10:30", "1wh"), "2026-10-05T09:00:00+11:00");
    CHECK_STR(after(&world, "2026-10-03T12:00:00+10:30", "24h"), "2026-10-04T12:30:00+11:00");
    world_release(&world);
}

static void seasonal_hours_and_closures_count(void)
{
    static const struct day_interval summer[] = {{28800, 50400}};
    static const struct season seasons[] = {{615, 915, {summer, 1}}};
    struct rule_world world;
    world_init(&world, WORLD_SHANGHAI);
    struct closure closure = {.reason = text_of("typhoon")};
    CHECK(civil_parse(text_of("2026-06-16"), &closure.day) == ERR_OK);
    world.spec.seasons = seasons;
    world.spec.season_count = 1;
    world.spec.closures = &closure;
    world.spec.closure_count = 1;
    CHECK_STR(after(&world, "2026-06-12T16:30:00+08:00", "2wh"), "2026-06-15T09:00:00+08:00");
    CHECK_STR(after(&world, "2026-06-15T13:00:00+08:00", "2wh"), "2026-06-17T09:00:00+08:00");
    CHECK_STR(after(&world, "2026-06-15T13:00:00+08:00", "1wd"), "2026-06-17T14:00:00+08:00");
    CHECK_STR(after(&world, "2026-06-15T13:00:00+08:00", "1d"), "2026-06-17T00:00:00+08:00");
    world_release(&world);
}

/* ---- the national calendar ---- */

struct example {
    const char *start;
    const char *duration;
    const char *due;
};

static const struct example working_days[] = {
    {"2026-01-30T10:00:00+08:00", "20wd", "2026-03-05T17:30:00+08:00"},
    {"2026-02-13T10:00:00+08:00", "1wd", "2026-02-14T17:30:00+08:00"}, /* a make-up day */
    {"2026-02-13T10:00:00+08:00", "5wd", "2026-02-27T17:30:00+08:00"},
    {"2025-09-25T10:00:00+08:00", "20wd", "2025-10-29T17:30:00+08:00"},
    {"2025-09-28T10:00:00+08:00", "3wd", "2025-10-09T17:30:00+08:00"},
    {"2026-09-18T10:00:00+08:00", "5wd", "2026-09-24T17:30:00+08:00"},
    {"2024-02-08T10:00:00+08:00", "10wd", "2024-02-28T17:30:00+08:00"},
    {"2020-01-23T10:00:00+08:00", "5wd", "2020-02-07T17:30:00+08:00"}, /* the longer holiday */
    {"2026-04-30T10:00:00+08:00", "45wd", "2026-07-07T17:30:00+08:00"},
};

/* The end of the last day, before and after it moves off a day of rest. */
struct calendar_example {
    const char *start;
    const char *duration;
    const char *raw;
    const char *rolled;
};

static const struct calendar_example calendar_days[] = {
    {"2026-02-05T10:00:00+08:00", "10d", "2026-02-16T00:00:00+08:00", "2026-02-24T17:30:00+08:00"},
    {"2026-02-04T10:00:00+08:00", "10d", "2026-02-14T17:30:00+08:00", "2026-02-14T17:30:00+08:00"},
    {"2026-09-20T10:00:00+08:00", "15d", "2026-10-06T00:00:00+08:00", "2026-10-08T17:30:00+08:00"},
    {"2025-09-24T10:00:00+08:00", "10d", "2025-10-05T00:00:00+08:00", "2025-10-09T17:30:00+08:00"},
};

static struct counted on(
    const struct calendar *calendar, const char *start, const char *words, bool roll)
{
    const struct count_options options = {.roll_next_working_day = roll};
    struct counted counted = {0};
    CHECK(
        duration_after(calendar, world_at(start), world_duration(words), &options, &counted) ==
        ERR_OK);
    return counted;
}

static void worked_examples_of_working_days_hold(void)
{
    struct bundle *bundle = national_calendar();
    if (!CHECK(bundle))
        return;
    for (size_t i = 0; i < sizeof(working_days) / sizeof(working_days[0]); i++) {
        const struct example *example = &working_days[i];
        char text[WALL_TEXT_BYTES];
        const struct counted counted =
            on(bundle->policy.calendar, example->start, example->duration, true);
        check_note("%s + %s", example->start, example->duration);
        CHECK_STR(calendar_format(bundle->policy.calendar, counted.at, text), example->due);
        CHECK(!counted.provisional);
    }
    bundle_free(bundle);
}

static void worked_examples_of_calendar_days_hold(void)
{
    struct bundle *bundle = national_calendar();
    if (!CHECK(bundle))
        return;
    const struct calendar *calendar = bundle->policy.calendar;
    for (size_t i = 0; i < sizeof(calendar_days) / sizeof(calendar_days[0]); i++) {
        const struct calendar_example *example = &calendar_days[i];
        char text[WALL_TEXT_BYTES];
        check_note("%s + %s", example->start, example->duration);
        const struct counted raw = on(calendar, example->start, example->duration, false);
        CHECK_STR(calendar_format(calendar, raw.at, text), example->raw);
        const struct counted rolled = on(calendar, example->start, example->duration, true);
        CHECK_STR(calendar_format(calendar, rolled.at, text), example->rolled);
    }
    bundle_free(bundle);
}

static void what_reaches_a_year_without_notice_is_provisional(void)
{
    struct bundle *bundle = national_calendar();
    if (!CHECK(bundle))
        return;
    const struct calendar *calendar = bundle->policy.calendar;
    CHECK(!on(calendar, "2026-12-25T10:00:00+08:00", "4wd", true).provisional);
    CHECK(on(calendar, "2026-12-25T10:00:00+08:00", "5wd", true).provisional);
    CHECK(on(calendar, "2026-12-31T17:00:00+08:00", "1wh", true).provisional);
    CHECK(!on(calendar, "2026-12-31T17:00:00+08:00", "90h", true).provisional);
    bundle_free(bundle);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(days_keep_their_local_time_over_the_change);
    CHECK_RUN(working_time_is_real_time_on_the_day_of_the_change);
    CHECK_RUN(an_interval_around_the_change_has_its_real_length);
    CHECK_RUN(an_interval_that_ends_in_the_skipped_hour_does_not_overlap_the_next);
    CHECK_RUN(half_hour_zones_count_like_others);
    CHECK_RUN(seasonal_hours_and_closures_count);
    CHECK_RUN(worked_examples_of_working_days_hold);
    CHECK_RUN(worked_examples_of_calendar_days_hold);
    CHECK_RUN(what_reaches_a_year_without_notice_is_provisional);
    return check_done();
}
