/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of days, office hours, ends of days; the national calendar's known counts. */
#include "rules/calendar.h"
#include "rules/calendar_count.h"
#include "rules/calendar_horizon.h"
#include "tests/support/check.h"
#include "tests/support/national.h"
#include "tests/support/rule_world.h"

static struct civil_day day_of(const char *text)
{
    struct civil_day day = {0};
    CHECK(civil_parse(text_of(text), &day) == ERR_OK);
    return day;
}

static const char *end_of(struct rule_world *world, const char *date)
{
    return world_text(world, calendar_end_of(world_calendar(world), day_of(date)));
}

static void closures_win_over_make_up_days_and_these_over_holidays(void)
{
    struct rule_world world;
    world_init(&world, WORLD_SHANGHAI);
    const struct civil_day holidays[] = {day_of("2026-03-02"), day_of("2026-03-03")};
    const struct civil_day workdays[] = {
        day_of("2026-03-03"), day_of("2026-03-07"), day_of("2026-03-08"), day_of("2026-03-04")};
    const struct closure closures[] = {
        {.day = day_of("2026-03-08")}, {.day = day_of("2026-03-05")}};
    world.spec.holidays = holidays;
    world.spec.holiday_count = 2;
    world.spec.workdays = workdays;
    world.spec.workday_count = 4;
    world.spec.closures = closures;
    world.spec.closure_count = 2;
    const struct calendar *calendar = world_calendar(&world);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-03-01")), DAY_WEEKEND);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-03-02")), DAY_HOLIDAY);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-03-03")), DAY_MAKE_UP);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-03-04")), DAY_WORKING);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-03-05")), DAY_CLOSURE);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-03-07")), DAY_MAKE_UP);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-03-08")), DAY_CLOSURE);
    CHECK(!calendar_is_working(calendar, day_of("2026-03-08")));
    world_release(&world);
}

static void far_away_days_have_their_kinds_too(void)
{
    struct rule_world world;
    world_init(&world, WORLD_SHANGHAI);
    const struct civil_day holiday = day_of("2120-03-04");
    const struct civil_day workdays[] = {day_of("2120-03-09"), day_of("2120-03-10")};
    const struct closure closure = {.day = day_of("2120-03-10")};
    world.spec.holidays = &holiday;
    world.spec.holiday_count = 1;
    world.spec.workdays = workdays;
    world.spec.workday_count = 2;
    world.spec.closures = &closure;
    world.spec.closure_count = 1;
    const struct calendar *calendar = world_calendar(&world);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2120-03-04")), DAY_HOLIDAY);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2120-03-05")), DAY_WORKING);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2120-03-09")), DAY_MAKE_UP);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2120-03-10")), DAY_CLOSURE);
    CHECK_EQ(calendar_day_kind(calendar, day_of("1985-03-03")), DAY_WEEKEND);
    world_release(&world);
}

static void a_day_ends_at_close_or_at_midnight(void)
{
    struct rule_world world;
    world_init(&world, WORLD_SHANGHAI);
    CHECK_STR(end_of(&world, "2026-03-02"), "2026-03-02T17:30:00+08:00");
    CHECK_STR(end_of(&world, "2026-03-01"), "2026-03-02T00:00:00+08:00");
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    world.spec.day_ends_at_midnight = true;
    CHECK_STR(end_of(&world, "2026-03-02"), "2026-03-03T00:00:00+08:00");
    world_release(&world);
}

static void an_instant_counts_for_the_next_date_from_the_end_on(void)
{
    struct rule_world world;
    world_init(&world, WORLD_SHANGHAI);
    const struct calendar *calendar = world_calendar(&world);
    const int32_t monday = day_of("2026-03-02").number;
    const struct wall_ms close = world_at("2026-03-02T17:30:00+08:00");
    CHECK_EQ(calendar_day_of(calendar, wall_add(close, -1)).number, monday);
    CHECK_EQ(calendar_day_of(calendar, close).number, monday + 1);
    CHECK_EQ(calendar_day_of(calendar, world_at("2026-03-01T23:59:59+08:00")).number, monday - 1);
    world_release(&world);
}

static void the_first_season_that_fits_counts(void)
{
    static const struct day_interval summer[] = {{28800, 50400}};
    static const struct day_interval winter[] = {{36000, 57600}};
    static const struct season seasons[] = {
        {615, 915, {summer, 1}}, {901, 1001, {winter, 1}}, {1201, 131, {winter, 1}}};
    struct rule_world world;
    world_init(&world, WORLD_SHANGHAI);
    world.spec.seasons = seasons;
    world.spec.season_count = 3;
    CHECK_STR(end_of(&world, "2026-06-15"), "2026-06-15T14:00:00+08:00");
    CHECK_STR(end_of(&world, "2026-06-12"), "2026-06-12T17:30:00+08:00");
    CHECK_STR(end_of(&world, "2026-09-15"), "2026-09-15T14:00:00+08:00");
    CHECK_STR(end_of(&world, "2026-09-16"), "2026-09-16T16:00:00+08:00");
    CHECK_STR(end_of(&world, "2026-12-31"), "2026-12-31T16:00:00+08:00");
    CHECK_STR(end_of(&world, "2026-01-01"), "2026-01-01T16:00:00+08:00");
    CHECK_STR(end_of(&world, "2026-02-02"), "2026-02-02T17:30:00+08:00");
    world_release(&world);
}

static void without_official_years_nothing_is_provisional(void)
{
    static const int32_t years[] = {2026, 2025};
    struct rule_world world;
    world_init(&world, WORLD_SHANGHAI);
    CHECK_EQ(calendar_official_until(world_calendar(&world)), INT32_MIN);
    CHECK(!calendar_is_provisional(world_calendar(&world), day_of("2099-01-01")));
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    world.spec.official_years = years;
    world.spec.official_year_count = 2;
    CHECK_EQ(calendar_official_until(world_calendar(&world)), 2026);
    CHECK(!calendar_is_provisional(world_calendar(&world), day_of("2026-12-31")));
    CHECK(calendar_is_provisional(world_calendar(&world), day_of("2027-01-01")));
    world_release(&world);
}

static struct calendar_horizon horizon_at(struct rule_world *world, const char *now)
{
    return calendar_horizon_at(world_calendar(world), world_at(now));
}

static void from_october_on_the_next_years_notice_is_missed(void)
{
    struct rule_world world;
    const int32_t years[] = {2025, 2026};
    world_init(&world, WORLD_SHANGHAI);
    CHECK(!horizon_at(&world, "2026-10-01T00:00:00+08:00").known);
    CHECK_EQ(horizon_at(&world, "2026-10-01T00:00:00+08:00").missing_year, 0);
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    world.spec.official_years = years;
    world.spec.official_year_count = 2;
    CHECK_EQ(horizon_at(&world, "2026-09-30T23:59:59+08:00").missing_year, 0);
    CHECK_EQ(horizon_at(&world, "2026-09-30T16:00:00Z").missing_year, 2027);
    CHECK_EQ(horizon_at(&world, "2026-12-31T12:00:00+08:00").missing_year, 2027);
    CHECK_EQ(horizon_at(&world, "2026-12-31T12:00:00+08:00").days, 0);
    CHECK_EQ(horizon_at(&world, "2026-10-01T00:00:00+08:00").days, 91);
    CHECK_EQ(horizon_at(&world, "2027-01-02T00:00:00+08:00").days, -2);
    CHECK_EQ(horizon_at(&world, "2027-01-02T00:00:00+08:00").missing_year, 2027);
    CHECK_EQ(horizon_at(&world, "2029-11-02T00:00:00+08:00").missing_year, 2027);
    CHECK_EQ(horizon_at(&world, "2024-11-02T00:00:00+08:00").missing_year, 0);
    CHECK_EQ(horizon_at(&world, "2024-11-02T00:00:00+08:00").last_year, 2026);
    world_release(&world);
}

static void the_national_calendar_has_the_published_working_days(void)
{
    static const int32_t expected[][2] = {{2017, 249}, {2018, 250}, {2019, 250}, {2020, 249},
                                          {2021, 250}, {2022, 249}, {2023, 249}, {2024, 251},
                                          {2025, 248}, {2026, 248}};
    struct bundle *bundle = national_calendar();
    if (!CHECK(bundle))
        return;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const int32_t year = expected[i][0];
        const struct civil_day before = civil_day_of((struct civil_date){year - 1, 12, 31});
        const struct civil_day last = civil_day_of((struct civil_date){year, 12, 31});
        check_note("year %d", year);
        CHECK_EQ(calendar_working_count(bundle->policy.calendar, before, last), expected[i][1]);
    }
    bundle_free(bundle);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(closures_win_over_make_up_days_and_these_over_holidays);
    CHECK_RUN(far_away_days_have_their_kinds_too);
    CHECK_RUN(a_day_ends_at_close_or_at_midnight);
    CHECK_RUN(an_instant_counts_for_the_next_date_from_the_end_on);
    CHECK_RUN(the_first_season_that_fits_counts);
    CHECK_RUN(without_official_years_nothing_is_provisional);
    CHECK_RUN(from_october_on_the_next_years_notice_is_missed);
    CHECK_RUN(the_national_calendar_has_the_published_working_days);
    return check_done();
}
