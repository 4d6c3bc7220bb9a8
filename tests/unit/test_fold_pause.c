/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses of a case and what they do to its runs. 2026-03-02 is a Monday. */
#include "rules/case.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

#define RECEIVED "received unit=d1 handler=d1-a"

static struct rule_world world;

static struct clock_rule *begin(const char *limit)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    struct clock_rule *clock = world_clock(&world, "c", limit);
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED " due=2026-03-04");
    return clock;
}

static const char *outcome(const char *now)
{
    return world_outcome(&world, world_run(world_fold(&world, now), "c", 1));
}

static void an_open_pause_leaves_no_due(void)
{
    (void)begin("2wd");
    world_add(&world, "2026-03-03T09:00:00+08:00", "suspended reason=x");
    CHECK_STR(outcome("2026-03-20T00:00:00+08:00"), "paused due=- stopped=-");
    CHECK_EQ(world_fold(&world, "2026-03-20T00:00:00+08:00")->phase, CASE_SUSPENDED);
    world_add(&world, "2026-03-06T09:00:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-06T10:00:00+08:00"), "running due=2026-03-09T17:30:00+08:00 stopped=-");
}

static void a_pause_at_the_exact_due_time_still_saves_the_run(void)
{
    (void)begin("2wd");
    world_add(&world, "2026-03-04T17:30:00+08:00", "suspended reason=x");
    CHECK_STR(outcome("2026-03-20T00:00:00+08:00"), "paused due=- stopped=-");
    world_add(&world, "2026-03-06T09:00:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-06T08:00:00+08:00"), "running due=2026-03-06T09:00:00+08:00 stopped=-");
}

static void a_due_inside_a_pause_is_its_end(void)
{
    (void)begin("2wd@16:00");
    world_add(&world, "2026-03-04T15:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-04T16:30:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-04T16:00:00+08:00"), "running due=2026-03-04T16:30:00+08:00 stopped=-");
}

static void a_run_that_ends_in_a_pause_is_computed_as_if_it_ended_there(void)
{
    (void)begin("2wd");
    world_add(&world, "2026-03-03T09:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-05T09:00:00+08:00", "answered");
    CHECK_STR(
        outcome("2026-03-20T00:00:00+08:00"),
        "met due=2026-03-06T17:30:00+08:00 stopped=2026-03-05T09:00:00+08:00");
}

static void a_run_that_starts_in_a_pause_starts_paused(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-01T09:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_STR(outcome("2026-03-20T00:00:00+08:00"), "paused due=- stopped=-");
    world_add(&world, "2026-03-04T09:00:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-04T10:00:00+08:00"), "running due=2026-03-04T17:30:00+08:00 stopped=-");
}

static void a_second_suspension_changes_nothing(void)
{
    (void)begin("10h");
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-02T11:00:00+08:00", "suspended reason=y");
    world_add(&world, "2026-03-02T12:00:00+08:00", "resumed");
    world_add(&world, "2026-03-02T13:00:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-02T14:00:00+08:00"), "running due=2026-03-02T21:00:00+08:00 stopped=-");
}

static void completing_ends_the_pause_but_only_its_clocks(void)
{
    static const struct text accepted[] = {{"accepted", 8}};
    struct clock_rule *clock = begin("10h");
    clock->stop = accepted;
    clock->stop_count = 1;
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-02T12:00:00+08:00", "completed");
    CHECK_STR(
        outcome("2026-03-02T14:00:00+08:00"), "running due=2026-03-02T21:00:00+08:00 stopped=-");
    CHECK_EQ(world_fold(&world, "2026-03-02T14:00:00+08:00")->phase, CASE_COMPLETED);
}

static void clocks_without_pauses_and_fixed_dues_run_on(void)
{
    begin("10h")->pause = false;
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=x");
    CHECK_STR(
        outcome("2026-03-02T14:00:00+08:00"), "running due=2026-03-02T19:00:00+08:00 stopped=-");
    (void)begin(NULL);
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=x");
    CHECK_STR(
        outcome("2026-03-02T14:00:00+08:00"), "running due=2026-03-04T17:30:00+08:00 stopped=-");
}

static void a_fixed_due_ends_the_open_pause_of_the_run(void)
{
    (void)begin("10h");
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=x");
    world_add(
        &world, "2026-03-02T12:00:00+08:00",
        "extended until=2026-03-03T12:00:00+08:00 approved_by=a reason=x");
    CHECK_STR(
        outcome("2026-03-02T14:00:00+08:00"), "running due=2026-03-03T12:00:00+08:00 stopped=-");
}

static void a_paused_run_can_be_extended(void)
{
    (void)begin("2wd");
    world_add(&world, "2026-03-03T09:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-04T09:00:00+08:00", "extended by=2wd approved_by=a reason=x");
    world_add(&world, "2026-03-05T09:00:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-05T10:00:00+08:00"), "running due=2026-03-10T17:30:00+08:00 stopped=-");
}

static void a_reopened_case_that_was_suspended_meanwhile_is_paused(void)
{
    begin("2wd")->on_reopen = ON_CONTINUE;
    world_add(&world, "2026-03-02T10:00:00+08:00", "completed");
    world_add(&world, "2026-03-02T11:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-03T09:00:00+08:00", "reopened reason=x");
    CHECK_STR(outcome("2026-03-20T00:00:00+08:00"), "paused due=- stopped=-");
    world_add(&world, "2026-03-04T09:00:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-04T10:00:00+08:00"), "running due=2026-03-05T17:30:00+08:00 stopped=-");
}

static void a_pause_ends_when_its_maximum_is_used_up(void)
{
    struct clock_rule *clock = begin("10h");
    clock->has_pause_max = true;
    clock->pause_max = world_duration("3h");
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-02T12:00:00+08:00", "resumed");
    world_add(&world, "2026-03-02T13:00:00+08:00", "suspended reason=x");
    CHECK_STR(outcome("2026-03-02T13:59:59+08:00"), "paused due=- stopped=-");
    CHECK_STR(
        outcome("2026-03-02T14:00:00+08:00"), "running due=2026-03-02T22:00:00+08:00 stopped=-");
    world_add(&world, "2026-03-02T15:00:00+08:00", "resumed");
    world_add(&world, "2026-03-02T16:00:00+08:00", "suspended reason=x");
    CHECK_STR(
        outcome("2026-03-02T17:00:00+08:00"), "running due=2026-03-02T22:00:00+08:00 stopped=-");
}

static void a_maximum_in_days_ends_with_its_last_day(void)
{
    struct clock_rule *clock = begin("5wd");
    clock->has_pause_max = true;
    clock->pause_max = world_duration("2wd");
    world_add(&world, "2026-03-05T10:00:00+08:00", "suspended reason=x");
    CHECK_STR(outcome("2026-03-06T17:29:59+08:00"), "paused due=- stopped=-");
    CHECK_STR(
        outcome("2026-03-06T17:30:00+08:00"), "running due=2026-03-11T17:30:00+08:00 stopped=-");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(an_open_pause_leaves_no_due);
    CHECK_RUN(a_pause_at_the_exact_due_time_still_saves_the_run);
    CHECK_RUN(a_due_inside_a_pause_is_its_end);
    CHECK_RUN(a_run_that_ends_in_a_pause_is_computed_as_if_it_ended_there);
    CHECK_RUN(a_run_that_starts_in_a_pause_starts_paused);
    CHECK_RUN(a_second_suspension_changes_nothing);
    CHECK_RUN(completing_ends_the_pause_but_only_its_clocks);
    CHECK_RUN(clocks_without_pauses_and_fixed_dues_run_on);
    CHECK_RUN(a_fixed_due_ends_the_open_pause_of_the_run);
    CHECK_RUN(a_paused_run_can_be_extended);
    CHECK_RUN(a_reopened_case_that_was_suspended_meanwhile_is_paused);
    CHECK_RUN(a_pause_ends_when_its_maximum_is_used_up);
    CHECK_RUN(a_maximum_in_days_ends_with_its_last_day);
    world_release(&world);
    return check_done();
}
