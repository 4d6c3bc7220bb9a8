/* SPDX-License-Identifier: Apache-2.0 */
/* Durations: their text, and what they come to with late arrivals, rolls, pauses, from due. */
#include <string.h>

#include "rules/duration.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world world;

static const char *after_with(
    const char *start, const char *words, const struct count_options *options)
{
    struct counted counted;
    if (duration_after(
            world_calendar(&world), world_at(start), world_duration(words), options, &counted) !=
        ERR_OK)
        return "out of range";
    return world_text(&world, counted.at);
}

static const char *after(const char *start, const char *words)
{
    return after_with(start, words, &(struct count_options){0});
}

static const char *paused(
    const char *start, const char *words, const char *suspended, const char *resumed)
{
    const struct interval pause = {world_at(suspended), world_at(resumed)};
    return after_with(start, words, &(struct count_options){.pauses = &pause, .pause_count = 1});
}

static const char *from_due(const char *due, const char *words, bool back)
{
    struct wall_ms at;
    if (duration_from_due(
            world_calendar(&world), world_at(due), world_duration(words), back, &at) != ERR_OK)
        return "out of range";
    return world_text(&world, at);
}

/* ---- text ---- */

static void every_unit_is_read(void)
{
    CHECK_EQ(world_duration("5wd").unit, UNIT_WORKING_DAY);
    CHECK_EQ(world_duration("5wd").amount, 5);
    CHECK_EQ(world_duration("5wd").at_second, -1);
    CHECK_EQ(world_duration("10d@24:00").unit, UNIT_CALENDAR_DAY);
    CHECK_EQ(world_duration("10d@24:00").at_second, 86400);
    CHECK_EQ(world_duration("3wh").amount, 3 * 3600000);
    CHECK_EQ(world_duration("3wm").unit, UNIT_WORKING_TIME);
    CHECK_EQ(world_duration("3ws").amount, 3000);
    CHECK_EQ(world_duration("3h").unit, UNIT_ELAPSED);
    CHECK_EQ(world_duration("90m").amount, 90 * 60000);
    CHECK_EQ(world_duration("1s").amount, 1000);
}

static void what_is_no_duration_is_refused_with_a_reason(void)
{
    static const char *const wrong[] = {
        "",
        "5",
        "wd",
        "0wd",
        "-1d",
        "+1d",
        "5 wd",
        "5wd ",
        "1.5d",
        "5w",
        "5WD",
        "5d@",
        "5d@25:00",
        "5d@9:00",
        "5d@24:01",
        "5h@09:00",
        "99999999999999999999d",
        "36501d",
        "876001h",
        "5d@09:00x",
        "5d@12:60"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct duration duration;
        struct err_why why = {0};
        check_note("\"%s\"", wrong[i]);
        CHECK_EQ(duration_parse(text_of(wrong[i]), &duration, &why), ERR_PARSE);
        CHECK(strlen(why.text) > 10);
    }
}

/* ---- days ---- */

static void the_start_day_is_not_counted(void)
{
    CHECK_STR(after("2026-03-02T00:00:00+08:00", "1wd"), "2026-03-03T17:30:00+08:00");
    CHECK_STR(after("2026-03-02T23:59:59+08:00", "1wd"), "2026-03-03T17:30:00+08:00");
    CHECK_STR(after("2026-03-06T10:00:00+08:00", "1wd"), "2026-03-09T17:30:00+08:00");
    CHECK_STR(after("2026-03-06T10:00:00+08:00", "1d"), "2026-03-08T00:00:00+08:00");
}

static void a_time_of_day_replaces_the_end(void)
{
    CHECK_STR(after("2026-03-02T10:00:00+08:00", "5d@09:00"), "2026-03-07T09:00:00+08:00");
    CHECK_STR(after("2026-03-02T10:00:00+08:00", "5d@24:00"), "2026-03-08T00:00:00+08:00");
    CHECK_STR(after("2026-03-02T10:00:00+08:00", "2wd@00:00"), "2026-03-04T00:00:00+08:00");
}

static void a_late_arrival_begins_on_the_next_working_day(void)
{
    const struct count_options late = {.late_arrival_next_working_day = true};
    CHECK_STR(after_with("2026-03-02T17:30:00+08:00", "1wd", &late), "2026-03-03T17:30:00+08:00");
    CHECK_STR(after_with("2026-03-02T17:30:01+08:00", "1wd", &late), "2026-03-04T17:30:00+08:00");
    CHECK_STR(after_with("2026-03-07T09:00:00+08:00", "1wd", &late), "2026-03-10T17:30:00+08:00");
    CHECK_STR(after_with("2026-03-07T09:00:00+08:00", "1d", &late), "2026-03-10T17:30:00+08:00");
    CHECK_STR(after_with("2026-03-07T09:00:00+08:00", "2h", &late), "2026-03-07T11:00:00+08:00");
}

static void only_calendar_days_roll(void)
{
    const struct count_options roll = {.roll_next_working_day = true};
    CHECK_STR(after_with("2026-03-02T10:00:00+08:00", "5d", &roll), "2026-03-09T17:30:00+08:00");
    CHECK_STR(after_with("2026-03-02T10:00:00+08:00", "4d", &roll), "2026-03-06T17:30:00+08:00");
    CHECK_STR(
        after_with("2026-03-02T10:00:00+08:00", "5d@09:00", &roll), "2026-03-09T09:00:00+08:00");
}

static void paused_dates_are_not_counted(void)
{
    /* Suspended on Tuesday, resumed on Thursday: Tuesday and Wednesday do not count. */
    CHECK_STR(
        paused(
            "2026-03-02T10:00:00+08:00", "3wd", "2026-03-03T10:00:00+08:00",
            "2026-03-05T10:00:00+08:00"),
        "2026-03-09T17:30:00+08:00");
    /* At the end of Tuesday it counts already; resumed after the end of Thursday this does not. */
    CHECK_STR(
        paused(
            "2026-03-02T10:00:00+08:00", "3wd", "2026-03-03T17:30:00+08:00",
            "2026-03-05T17:30:00+08:00"),
        "2026-03-09T17:30:00+08:00");
    /* Within one day nothing is lost. */
    CHECK_STR(
        paused(
            "2026-03-02T10:00:00+08:00", "3wd", "2026-03-03T09:00:00+08:00",
            "2026-03-03T16:00:00+08:00"),
        "2026-03-05T17:30:00+08:00");
}

static void overlapping_pauses_count_once(void)
{
    const struct interval pauses[] = {
        {world_at("2026-03-03T10:00:00+08:00"), world_at("2026-03-05T10:00:00+08:00")},
        {world_at("2026-03-04T10:00:00+08:00"), world_at("2026-03-06T10:00:00+08:00")}};
    const struct count_options options = {.pauses = pauses, .pause_count = 2};
    CHECK_STR(
        after_with("2026-03-02T10:00:00+08:00", "2wd", &options), "2026-03-09T17:30:00+08:00");
    CHECK_STR(
        after_with("2026-03-02T10:00:00+08:00", "10h", &options), "2026-03-02T20:00:00+08:00");
    CHECK_STR(
        after_with("2026-03-02T10:00:00+08:00", "25h", &options), "2026-03-06T11:00:00+08:00");
}

static void an_open_pause_has_no_end_to_count_from(void)
{
    const struct interval pause = {world_at("2026-03-03T10:00:00+08:00"), {WALL_MS_MAX}};
    const struct count_options options = {.pauses = &pause, .pause_count = 1};
    CHECK_STR(after_with("2026-03-02T10:00:00+08:00", "3wd", &options), "out of range");
    CHECK_STR(after_with("2026-03-02T10:00:00+08:00", "3d", &options), "out of range");
    CHECK_STR(after_with("2026-03-02T10:00:00+08:00", "30h", &options), "out of range");
    CHECK_STR(after_with("2026-03-02T10:00:00+08:00", "20wh", &options), "out of range");
}

/* ---- time ---- */

static void working_time_reaches_the_end_of_an_interval_exactly(void)
{
    CHECK_STR(after("2026-03-02T08:30:00+08:00", "210wm"), "2026-03-02T12:00:00+08:00");
    CHECK_STR(after("2026-03-02T08:30:00+08:00", "7wh"), "2026-03-02T17:30:00+08:00");
    CHECK_STR(after("2026-03-02T08:30:00+08:00", "25201ws"), "2026-03-03T08:30:01+08:00");
    CHECK_STR(after("2026-03-06T17:00:00+08:00", "1wh"), "2026-03-09T09:00:00+08:00");
    CHECK_STR(after("2026-03-07T11:00:00+08:00", "1ws"), "2026-03-09T08:30:01+08:00");
    CHECK_STR(after("2026-03-02T12:30:00+08:00", "1wm"), "2026-03-02T14:01:00+08:00");
}

static void working_time_leaves_out_the_pause_itself(void)
{
    CHECK_STR(
        paused(
            "2026-03-02T08:30:00+08:00", "3wh", "2026-03-02T09:30:00+08:00",
            "2026-03-02T15:00:00+08:00"),
        "2026-03-02T17:00:00+08:00");
    CHECK_STR(
        paused(
            "2026-03-02T08:30:00+08:00", "1wh", "2026-03-02T09:30:00+08:00",
            "2026-03-02T15:00:00+08:00"),
        "2026-03-02T09:30:00+08:00");
}

/* ---- from due ---- */

static void days_before_and_after_due(void)
{
    const char *due = "2026-03-09T17:30:00+08:00";
    CHECK_STR(from_due(due, "1wd", true), "2026-03-06T17:30:00+08:00");
    CHECK_STR(from_due(due, "1d", true), "2026-03-09T00:00:00+08:00");
    CHECK_STR(from_due(due, "1wd@09:00", true), "2026-03-06T09:00:00+08:00");
    CHECK_STR(from_due(due, "5wd", false), "2026-03-16T17:30:00+08:00");
    CHECK_STR(from_due(due, "2d@09:00", false), "2026-03-11T09:00:00+08:00");
}

static void a_due_at_midnight_belongs_to_the_day_it_ends(void)
{
    CHECK_STR(from_due("2026-03-10T00:00:00+08:00", "1wd", true), "2026-03-06T17:30:00+08:00");
    CHECK_STR(from_due("2026-03-10T00:00:01+08:00", "1wd", true), "2026-03-09T17:30:00+08:00");
    CHECK_STR(from_due("2026-03-10T00:00:00.001+08:00", "1wd", true), "2026-03-09T17:30:00+08:00");
}

static void office_time_back_from_due_is_the_latest_instant(void)
{
    const char *due = "2026-03-09T17:30:00+08:00";
    CHECK_STR(from_due(due, "4wh", true), "2026-03-09T11:30:00+08:00");
    CHECK_STR(from_due(due, "210wm", true), "2026-03-09T14:00:00+08:00");
    CHECK_STR(from_due(due, "7wh", true), "2026-03-09T08:30:00+08:00");
    CHECK_STR(from_due(due, "25201ws", true), "2026-03-06T17:29:59+08:00");
    CHECK_STR(from_due("2026-03-08T12:00:00+08:00", "1wh", true), "2026-03-06T16:30:00+08:00");
    CHECK_STR(from_due(due, "1wh", false), "2026-03-10T09:30:00+08:00");
    CHECK_STR(from_due(due, "30h", true), "2026-03-08T11:30:00+08:00");
}

/* ---- far away ---- */

static void dates_outside_the_prepared_years_are_found_too(void)
{
    CHECK_STR(after("1985-03-01T10:00:00+08:00", "5wd"), "1985-03-08T17:30:00+08:00");
    CHECK_STR(after("1989-12-29T10:00:00+08:00", "1wd"), "1990-01-01T17:30:00+08:00");
    CHECK_STR(after("2109-12-31T10:00:00+08:00", "1wd"), "2110-01-01T17:30:00+08:00");
    CHECK_STR(after("2109-12-31T16:30:00+08:00", "2wh"), "2110-01-01T09:30:00+08:00");
    CHECK_STR(after("1989-12-29T16:30:00+08:00", "2wh"), "1990-01-01T09:30:00+08:00");
    CHECK_STR(after("9999-12-30T10:00:00+08:00", "30d"), "out of range");
    CHECK_STR(after("9999-12-30T10:00:00+08:00", "30wd"), "out of range");
    CHECK_STR(after("9999-12-30T10:00:00+08:00", "300wh"), "out of range");
    CHECK_STR(after("9999-12-30T10:00:00+08:00", "300h"), "out of range");
}

static void a_calendar_that_never_works_gives_no_instant(void)
{
    struct rule_world idle;
    struct counted counted;
    const struct count_options options = {0};
    world_init(&idle, WORLD_SHANGHAI);
    for (int weekday = 1; weekday <= 7; weekday++)
        idle.spec.working_weekday[weekday] = false;
    const struct calendar *calendar = world_calendar(&idle);
    const struct wall_ms start = world_at("2026-03-02T10:00:00+08:00");
    CHECK_EQ(duration_after(calendar, start, world_duration("1wd"), &options, &counted), ERR_RANGE);
    CHECK_EQ(duration_after(calendar, start, world_duration("1wh"), &options, &counted), ERR_RANGE);
    CHECK_EQ(duration_after(calendar, start, world_duration("1d"), &options, &counted), ERR_OK);
    world_release(&idle);
}

/* ---- between ---- */

static void between_counts_dates_after_the_first_up_to_the_last(void)
{
    const struct calendar *calendar = world_calendar(&world);
    struct between between = calendar_between(
        calendar, world_at("2026-03-02T10:00:00+08:00"), world_at("2026-03-09T10:00:00+08:00"));
    CHECK_EQ(between.working_days, 5);
    CHECK_EQ(between.calendar_days, 7);
    CHECK_EQ(between.working_seconds, 5 * 7 * 3600);
    between = calendar_between(
        calendar, world_at("2026-03-09T10:00:00+08:00"), world_at("2026-03-02T10:00:00+08:00"));
    CHECK_EQ(between.working_days, 0);
    CHECK_EQ(between.working_seconds, 0);
}

int main(int argc, char **argv)
{
    world_init(&world, WORLD_SHANGHAI);
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(every_unit_is_read);
    CHECK_RUN(what_is_no_duration_is_refused_with_a_reason);
    CHECK_RUN(the_start_day_is_not_counted);
    CHECK_RUN(a_time_of_day_replaces_the_end);
    CHECK_RUN(a_late_arrival_begins_on_the_next_working_day);
    CHECK_RUN(only_calendar_days_roll);
    CHECK_RUN(paused_dates_are_not_counted);
    CHECK_RUN(overlapping_pauses_count_once);
    CHECK_RUN(an_open_pause_has_no_end_to_count_from);
    CHECK_RUN(working_time_reaches_the_end_of_an_interval_exactly);
    CHECK_RUN(working_time_leaves_out_the_pause_itself);
    CHECK_RUN(days_before_and_after_due);
    CHECK_RUN(a_due_at_midnight_belongs_to_the_day_it_ends);
    CHECK_RUN(office_time_back_from_due_is_the_latest_instant);
    CHECK_RUN(dates_outside_the_prepared_years_are_found_too);
    CHECK_RUN(a_calendar_that_never_works_gives_no_instant);
    CHECK_RUN(between_counts_dates_after_the_first_up_to_the_last);
    world_release(&world);
    return check_done();
}
