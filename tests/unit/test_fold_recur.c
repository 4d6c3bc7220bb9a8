/* SPDX-License-Identifier: Apache-2.0 */
/* Recurring clocks (semantics section 3). 2026-03-02 is a Monday. */
#include "rules/explain.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

#define RECEIVED "received unit=d1 handler=d1-a"

static struct rule_world world;
static struct clock_rule *weekly;

/* Feedback each Friday 17:00. */
static void begin(void)
{
    static const struct text stop[] = {{"feedback", 8}};
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    weekly = world_clock(&world, "weekly", "1wd");
    weekly->limit = (struct duration){0};
    weekly->recurs = true;
    weekly->recur_weekday[5] = true;
    weekly->recur_second = 17 * 3600;
    weekly->stop = stop;
    weekly->stop_count = 1;
}

static const struct run *run_at(int32_t number, const char *now)
{
    return world_run(world_fold(&world, now), "weekly", number);
}

static const char *outcome(int32_t number, const char *now)
{
    return world_outcome(&world, run_at(number, now));
}

static size_t count_at(const char *now)
{
    return world_fold(&world, now)->run_count;
}

/* ---- one after the other ---- */

static void a_run_is_due_at_the_first_time_listed_after_its_start(void)
{
    begin();
    world_add(&world, "2026-03-06T17:00:00+08:00", RECEIVED);
    CHECK_STR(
        outcome(1, "2026-03-06T18:00:00+08:00"), "running due=2026-03-13T17:00:00+08:00 stopped=-");
}

static void at_due_the_next_run_is_there_and_the_first_not_yet_missed(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_EQ(count_at("2026-03-06T16:59:59.999+08:00"), 1);
    CHECK_STR(
        outcome(1, "2026-03-06T17:00:00+08:00"), "running due=2026-03-06T17:00:00+08:00 stopped=-");
    CHECK_STR(
        outcome(2, "2026-03-06T17:00:00+08:00"), "running due=2026-03-13T17:00:00+08:00 stopped=-");
    CHECK_EQ(run_at(1, "2026-03-06T17:00:00.001+08:00")->outcome, RUN_MISSED);
}

static void a_stop_at_due_is_in_time_and_leaves_the_next_alone(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-06T17:00:00+08:00", "feedback");
    CHECK_STR(
        outcome(1, "2026-03-07T00:00:00+08:00"),
        "met due=2026-03-06T17:00:00+08:00 stopped=2026-03-06T17:00:00+08:00");
    CHECK_EQ(run_at(2, "2026-03-07T00:00:00+08:00")->outcome, RUN_RUNNING);
}

static void a_run_met_early_is_followed_at_its_due_all_the_same(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "feedback");
    CHECK_EQ(count_at("2026-03-06T16:00:00+08:00"), 1);
    CHECK_EQ(
        run_at(2, "2026-03-06T18:00:00+08:00")->start.ms, world_at("2026-03-06T17:00:00+08:00").ms);
}

static void one_feedback_stops_all_that_are_open(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-18T09:00:00+08:00", "feedback");
    CHECK_STR(
        outcome(1, "2026-03-19T00:00:00+08:00"),
        "missed due=2026-03-06T17:00:00+08:00 stopped=2026-03-18T09:00:00+08:00");
    CHECK_STR(
        outcome(2, "2026-03-19T00:00:00+08:00"),
        "missed due=2026-03-13T17:00:00+08:00 stopped=2026-03-18T09:00:00+08:00");
    CHECK_STR(
        outcome(3, "2026-03-19T00:00:00+08:00"),
        "met due=2026-03-20T17:00:00+08:00 stopped=2026-03-18T09:00:00+08:00");
}

static void a_miss_is_of_whoever_held_the_case_that_week(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-09T09:00:00+08:00", "assigned unit=d2");
    CHECK(text_is(run_at(1, "2026-03-20T00:00:00+08:00")->unit_at_due, "d1"));
    CHECK(text_is(run_at(2, "2026-03-20T00:00:00+08:00")->unit_at_due, "d2"));
}

/* ---- the dates ---- */

static void a_day_of_rest_gives_way_to_the_next_working_day(void)
{
    static const struct civil_day off[] = {{20518}, {20521}}; /* 2026-03-06, 2026-03-09 */
    begin();
    world.spec.holidays = off;
    world.spec.holiday_count = 2;
    weekly->recur_weekday[1] = true; /* Monday gives way to the same Tuesday */
    world_add(&world, "2026-03-02T18:00:00+08:00", RECEIVED);
    CHECK_STR(
        outcome(1, "2026-03-02T19:00:00+08:00"), "running due=2026-03-10T17:00:00+08:00 stopped=-");
    CHECK_STR(
        outcome(2, "2026-03-11T10:00:00+08:00"), "running due=2026-03-13T17:00:00+08:00 stopped=-");
    weekly->roll_next_working_day = false;
    CHECK_STR(
        outcome(1, "2026-03-02T19:00:00+08:00"), "running due=2026-03-06T17:00:00+08:00 stopped=-");
}

static void midnight_may_begin_or_end_the_day(void)
{
    begin();
    weekly->recur_second = 86400;
    world_add(&world, "2026-03-06T23:00:00+08:00", RECEIVED);
    CHECK_STR(
        outcome(1, "2026-03-06T23:30:00+08:00"), "running due=2026-03-07T00:00:00+08:00 stopped=-");
    weekly->recur_second = 0;
    CHECK_STR(
        outcome(1, "2026-03-06T23:30:00+08:00"), "running due=2026-03-13T00:00:00+08:00 stopped=-");
}

static void a_calendar_without_working_days_has_no_occurrence(void)
{
    begin();
    for (int weekday = 1; weekday <= 7; weekday++)
        world.spec.working_weekday[weekday] = false;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_STR(outcome(1, "2027-03-02T09:00:00+08:00"), "running due=- stopped=-");
}

/* ---- pauses, extensions ---- */

static void a_time_in_a_pause_is_passed_over(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-05T09:00:00+08:00", "suspended reason=x");
    CHECK_STR(outcome(1, "2026-03-08T09:00:00+08:00"), "paused due=- stopped=-");
    world_add(&world, "2026-03-10T09:00:00+08:00", "resumed");
    CHECK_STR(
        outcome(1, "2026-03-11T09:00:00+08:00"), "running due=2026-03-13T17:00:00+08:00 stopped=-");
}

static void a_pause_between_two_times_moves_nothing(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-06T17:00:00+08:00", "resumed");
    CHECK_STR(
        outcome(1, "2026-03-06T17:00:00+08:00"), "running due=2026-03-06T17:00:00+08:00 stopped=-");
}

static void nothing_extends_it(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    world_add(
        &world, "2026-03-03T10:00:00+08:00",
        "extended until=2026-03-20T17:00:00+08:00 approved_by=a reason=x");
    CHECK_STR(
        outcome(1, "2026-03-04T10:00:00+08:00"), "running due=2026-03-06T17:00:00+08:00 stopped=-");
    CHECK_EQ(run_at(1, "2026-03-04T10:00:00+08:00")->extension_count, 0);
}

/* ---- the end and the return of a case ---- */

static void the_end_of_the_case_ends_the_row(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-11T09:00:00+08:00", "completed");
    CHECK_EQ(count_at("2026-04-30T00:00:00+08:00"), 2);
    CHECK_EQ(run_at(1, "2026-04-30T00:00:00+08:00")->outcome, RUN_MISSED);
    CHECK(run_at(1, "2026-04-30T00:00:00+08:00")->has_stopped);
    CHECK_EQ(run_at(2, "2026-04-30T00:00:00+08:00")->outcome, RUN_CANCELLED);
}

static void a_case_that_ends_at_due_has_no_further_run(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-06T17:00:00+08:00", "completed");
    CHECK_EQ(count_at("2026-04-30T00:00:00+08:00"), 1);
}

static void reopened_begins_the_next_run_but_only_of_a_closed_case(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "returned");
    CHECK_EQ(count_at("2026-03-03T10:00:00+08:00"), 1);
    world_add(&world, "2026-03-03T11:00:00+08:00", "completed");
    world_add(&world, "2026-03-04T11:00:00+08:00", "reopened");
    CHECK_STR(
        outcome(2, "2026-03-05T10:00:00+08:00"), "running due=2026-03-06T17:00:00+08:00 stopped=-");
    CHECK_EQ(count_at("2026-03-06T18:00:00+08:00"), 3); /* the first has none that follows it */
}

static void a_transfer_that_restarts_replaces_the_last_run_alone(void)
{
    begin();
    weekly->on_transfer = ON_RESTART;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-10T09:00:00+08:00", "assigned unit=d2");
    CHECK_EQ(count_at("2026-03-11T00:00:00+08:00"), 3);
    CHECK(!run_at(1, "2026-03-11T00:00:00+08:00")->has_stopped);
    CHECK_EQ(run_at(2, "2026-03-11T00:00:00+08:00")->outcome, RUN_REPLACED);
    CHECK_STR(
        outcome(3, "2026-03-11T00:00:00+08:00"), "running due=2026-03-13T17:00:00+08:00 stopped=-");
    CHECK_EQ(count_at("2026-03-14T00:00:00+08:00"), 4);
}

static void no_more_than_a_thousand_follow_by_themselves(void)
{
    begin();
    for (int weekday = 1; weekday <= 7; weekday++)
        weekly->recur_weekday[weekday] = true;
    weekly->roll_next_working_day = false;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_EQ(count_at("2036-03-02T09:00:00+08:00"), 1001);
}

/* ---- plan and explanation ---- */

static void the_plan_wakes_where_a_run_begins_and_each_run_rings_for_itself(void)
{
    begin();
    (void)world_stage(&world, weekly, "warn due-1wd@09:00", LIGHT_YELLOW, "handler");
    (void)world_stage(&world, weekly, "late due+1wd@09:00", LIGHT_RED, "unit_head");
    (void)world_stage(&world, weekly, "half 50%", LIGHT_GREEN, "leader");
    world_add(&world, "2026-03-02T17:00:00+08:00", RECEIVED);
    struct case_plan plan = world_fire(&world, "2026-03-02T17:00:00+08:00");
    CHECK(plan.has_next);
    CHECK_STR(world_text(&world, plan.next), "2026-03-04T17:00:00+08:00"); /* half of four days */
    (void)world_fire(&world, "2026-03-04T17:00:00+08:00");
    plan = world_fire(&world, "2026-03-05T09:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "warn fired d1-a");
    CHECK_STR(world_text(&world, plan.next), "2026-03-06T17:00:00+08:00");
    plan = world_fire(&world, "2026-03-06T17:00:00+08:00");
    CHECK_STR(world_text(&world, plan.next), "2026-03-06T17:00:00.001+08:00");
    (void)world_fire(&world, "2026-03-06T17:00:00.001+08:00");
    plan = world_fire(&world, "2026-03-09T09:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "late fired d1-head");
    world_add(&world, "2026-03-09T10:00:00+08:00", "feedback");
    plan = world_fire(&world, "2026-03-09T10:00:00+08:00");
    CHECK_STR(world_text(&world, plan.next), "2026-03-13T17:00:00+08:00"); /* met, and followed */
}

static void the_explanation_names_the_day_and_where_it_moved(void)
{
    static const struct civil_day off[] = {{20518}}; /* 2026-03-06 */
    const struct explanation *all = NULL;
    size_t count = 0;
    begin();
    world.spec.holidays = off;
    world.spec.holiday_count = 1;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    (void)world_calendar(&world);
    const struct explain_question question = {
        .memory = &world.memory,
        .rulebook = &world.rulebook,
        .now = world_at("2026-03-02T10:00:00+08:00"),
    };
    CHECK_EQ(explain_case(&question, &world.arena, &all, &count), ERR_OK);
    CHECK_EQ(count, 1);
    static const enum explain_step steps[] = {EXPLAIN_STARTED, EXPLAIN_RECURS, EXPLAIN_PASSED,
                                              EXPLAIN_PASSED,  EXPLAIN_ROLLED, EXPLAIN_DUE};
    CHECK_EQ(all[0].line_count, sizeof(steps) / sizeof(steps[0]));
    for (size_t i = 0; i < all[0].line_count && i < sizeof(steps) / sizeof(steps[0]); i++)
        CHECK_EQ(all[0].lines[i].step, steps[i]);
    CHECK_EQ(all[0].lines[1].day.number, off[0].number);
    CHECK_STR(world_text(&world, all[0].due), "2026-03-09T17:00:00+08:00");
}

/* ---- the rules of a run that follows ---- */

static void a_run_that_follows_goes_by_the_newest_rules_applied_by_then(void)
{
    begin();
    struct clock_rule later_clock = *weekly;
    struct ruleset later_set = {.clocks = &later_clock, .clock_count = 1};
    struct policy later = world.policy;
    later.version = 2;
    later.since = world_at("2026-03-10T00:00:00+08:00");
    later.sets = &later_set;
    later_clock.recur_weekday[5] = false;
    later_clock.recur_weekday[3] = true;
    later.calendar = world_calendar(&world);
    const struct policy *both[] = {&world.policy, &later};
    world.rulebook = (struct rulebook){.policies = both, .policy_count = 2};
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_STR(
        outcome(2, "2026-03-14T00:00:00+08:00"), "missed due=2026-03-13T17:00:00+08:00 stopped=-");
    CHECK_STR(
        outcome(3, "2026-03-14T00:00:00+08:00"), "running due=2026-03-18T17:00:00+08:00 stopped=-");
    CHECK(run_at(3, "2026-03-14T00:00:00+08:00")->policy == &later);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_run_is_due_at_the_first_time_listed_after_its_start);
    CHECK_RUN(at_due_the_next_run_is_there_and_the_first_not_yet_missed);
    CHECK_RUN(a_stop_at_due_is_in_time_and_leaves_the_next_alone);
    CHECK_RUN(a_run_met_early_is_followed_at_its_due_all_the_same);
    CHECK_RUN(one_feedback_stops_all_that_are_open);
    CHECK_RUN(a_miss_is_of_whoever_held_the_case_that_week);
    CHECK_RUN(a_day_of_rest_gives_way_to_the_next_working_day);
    CHECK_RUN(midnight_may_begin_or_end_the_day);
    CHECK_RUN(a_calendar_without_working_days_has_no_occurrence);
    CHECK_RUN(a_time_in_a_pause_is_passed_over);
    CHECK_RUN(a_pause_between_two_times_moves_nothing);
    CHECK_RUN(nothing_extends_it);
    CHECK_RUN(the_end_of_the_case_ends_the_row);
    CHECK_RUN(a_case_that_ends_at_due_has_no_further_run);
    CHECK_RUN(reopened_begins_the_next_run_but_only_of_a_closed_case);
    CHECK_RUN(a_transfer_that_restarts_replaces_the_last_run_alone);
    CHECK_RUN(no_more_than_a_thousand_follow_by_themselves);
    CHECK_RUN(the_plan_wakes_where_a_run_begins_and_each_run_rings_for_itself);
    CHECK_RUN(the_explanation_names_the_day_and_where_it_moved);
    CHECK_RUN(a_run_that_follows_goes_by_the_newest_rules_applied_by_then);
    world_release(&world);
    return check_done();
}
