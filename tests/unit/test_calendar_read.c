/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calendars: the shipped national one, defaults, every key, and a machine without zone data.
 * Mistakes are in tests/data/check.
 */
#include <stdlib.h>
#include <string.h>

#include "config/files.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static struct config_rig rig;

static struct calendar_spec read_calendar(const char *json)
{
    struct calendar_spec spec = {0};
    const struct source source = config_source("c.json", json);
    CHECK(calendar_read(&source, &rig.reading, NULL, &spec));
    CHECK_STR(config_rig_lines(&rig), "");
    return spec;
}

static struct civil_day day_of(const char *date)
{
    struct civil_day day = {0};
    CHECK(civil_parse(text_of(date), &day) == ERR_OK);
    return day;
}

static void the_national_calendar_knows_its_days(void)
{
    char *json = config_test_data("calendar-cn.json");
    const struct calendar_spec spec = read_calendar(json);
    const struct calendar *calendar = calendar_build(&spec, &rig.arena);
    const struct {
        const char *date;
        enum day_kind kind;
    } rows[] = {
        {"2026-02-13", DAY_WORKING}, {"2026-02-14", DAY_MAKE_UP}, {"2026-02-16", DAY_HOLIDAY},
        {"2026-02-28", DAY_MAKE_UP}, {"2026-03-01", DAY_WEEKEND}, {"2018-12-29", DAY_MAKE_UP},
        {"2020-01-31", DAY_HOLIDAY}, {"2018-01-01", DAY_HOLIDAY}, {"2027-10-01", DAY_WORKING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_note("%s", rows[i].date);
        CHECK_EQ(calendar_day_kind(calendar, day_of(rows[i].date)), rows[i].kind);
    }
    CHECK_EQ(calendar_official_until(calendar), 2026);
    CHECK_EQ(spec.holiday_count, 285);
    CHECK(text_is(spec.zone.name, "Asia/Shanghai"));
    free(json);
}

static void a_calendar_needs_no_more_than_an_id(void)
{
    const struct calendar_spec spec = read_calendar("{\"id\":\"a\"}");
    CHECK(text_is(spec.zone.name, "Asia/Shanghai"));
    for (int day = 1; day <= 7; day++) {
        CHECK_EQ(spec.working_weekday[day], day <= 5);
    }
    CHECK_EQ(spec.hours.interval_count, 2);
    CHECK_EQ(spec.hours.intervals[0].from_s, 8 * 3600 + 1800);
    CHECK_EQ(spec.hours.intervals[1].to_s, 17 * 3600 + 1800);
    CHECK(!spec.day_ends_at_midnight);
    CHECK_EQ(spec.official_year_count, 0);
}

static void every_key_is_taken(void)
{
    const struct calendar_spec spec = read_calendar(
        "{\"id\":\"b\",\"title\":\"t\",\"timezone\":\"Europe/Berlin\",\"working_weekdays\":[6,7],"
        "\"office_hours\":[[\"00:00\",\"24:00\"]],\"day_end\":\"midnight\","
        "\"seasonal_hours\":[{\"from\":\"12-15\",\"to\":\"02-29\",\"office_hours\":[[\"09:00\","
        "\"12:00\"],[\"12:00\",\"15:00\"]]}],\"holidays\":[\"2026-05-01\"],"
        "\"workdays\":[\"2026-05-03\"],\"official_years\":[2025,2026],"
        "\"closures\":[{\"date\":\"2026-05-01\",\"reason\":\"台风\"},{\"date\":\"2026-05-03\"}]}");
    CHECK(text_is(spec.zone.name, "Europe/Berlin"));
    CHECK(!spec.working_weekday[1] && spec.working_weekday[6] && spec.working_weekday[7]);
    CHECK_EQ(spec.hours.intervals[0].to_s, 86400);
    CHECK(spec.day_ends_at_midnight);
    CHECK_EQ(spec.season_count, 1);
    CHECK_EQ(spec.seasons[0].from_month_day, 1215);
    CHECK_EQ(spec.seasons[0].to_month_day, 229);
    CHECK_EQ(spec.seasons[0].hours.interval_count, 2);
    CHECK_EQ(spec.official_years[1], 2026);
    CHECK_EQ(spec.closure_count, 2); /* closures may repeat other lists: they win */
    CHECK(text_is(spec.closures[0].reason, "台风"));
}

static struct text name_on(const struct calendar *calendar, const char *date)
{
    return calendar_day_name(calendar, day_of(date));
}

static void days_may_have_names_and_closures_none(void)
{
    const struct calendar_spec spec = read_calendar(
        "{\"id\":\"n\",\"holidays\":[{\"date\":\"2026-02-17\",\"name\":\"春节\",\"note\":\"n\"},"
        "\"2026-02-18\",{\"date\":\"2026-02-19\",\"name\":\"春节\"}],"
        "\"workdays\":[\"2026-02-14\",{\"date\":\"2026-02-28\",\"name\":\"春节调休\"}],"
        "\"closures\":[\"2026-08-12\",{\"date\":\"2026-02-19\",\"reason\":\"台风\"}]}");
    const struct calendar *calendar = calendar_build(&spec, &rig.arena);
    CHECK(text_is(name_on(calendar, "2026-02-17"), "春节"));
    CHECK(text_is(name_on(calendar, "2026-02-18"), ""));
    CHECK(text_is(name_on(calendar, "2026-02-14"), ""));
    CHECK(text_is(name_on(calendar, "2026-02-28"), "春节调休"));
    CHECK(text_is(name_on(calendar, "2026-02-19"), "台风")); /* the closure wins */
    CHECK(text_is(name_on(calendar, "2026-08-12"), ""));
    CHECK(text_is(name_on(calendar, "2026-03-02"), ""));
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-08-12")), DAY_CLOSURE);
    CHECK_EQ(calendar_day_kind(calendar, day_of("2026-02-28")), DAY_MAKE_UP);
}

static void without_zone_data_only_shanghai_works_and_says_so(void)
{
    struct calendar_spec spec = {0};
    const struct source shanghai = config_source("c.json", "{\"id\":\"a\"}");
    CHECK(calendar_read(&shanghai, &rig.reading, "/nowhere", &spec));
    CHECK(strstr(config_rig_lines(&rig), "warning: timezone: no time zone data in /nowhere"));
    CHECK_EQ(zone_offset_at(&spec.zone, (struct wall_ms){0}), 8 * 3600);
    const struct source berlin =
        config_source("d.json", "{\"id\":\"a\",\"timezone\":\"Europe/Berlin\"}");
    CHECK(!calendar_read(&berlin, &rig.reading, "/nowhere", &spec));
    CHECK(strstr(
        config_rig_lines(&rig),
        "d.json:1:22: error: timezone: no time zone \"Europe/Berlin\" in /nowhere; "
        "check the name, or install tzdata"));
}

int main(void)
{
    config_rig_init(&rig);
    CHECK_RUN(the_national_calendar_knows_its_days);
    CHECK_RUN(a_calendar_needs_no_more_than_an_id);
    CHECK_RUN(every_key_is_taken);
    CHECK_RUN(days_may_have_names_and_closures_none);
    CHECK_RUN(without_zone_data_only_shanghai_works_and_says_so);
    config_rig_release(&rig);
    return check_done();
}
