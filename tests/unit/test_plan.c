/* SPDX-License-Identifier: Apache-2.0 */
/* Stages, repeats, who hears of what. 2026-03-02 is a Monday; c is due on Wednesday 17:30. */
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

static const char *fire(const char *now)
{
    const struct case_plan plan = world_fire(&world, now);
    return world_firings(&world, &plan);
}

/* The instant at which the plan wants to be asked again, as seen from `now`; fires nothing. */
static const char *next(const char *now)
{
    struct case_plan plan;
    const struct case_state *state = world_fold(&world, now);
    if (!CHECK(
            case_plan(state, &world.memory, &world.rulebook, world_at(now), &world.arena, &plan) ==
            ERR_OK))
        return "";
    return plan.has_next ? world_text(&world, plan.next) : "never";
}

/* ---- once ---- */

static void a_stage_fires_at_its_instant_and_once(void)
{
    struct clock_rule *clock = begin("2wd");
    (void)world_stage(&world, clock, "warn 1d@12:00", LIGHT_YELLOW, "handler");
    CHECK_STR(next("2026-03-02T09:00:00+08:00"), "2026-03-03T12:00:00+08:00");
    CHECK_STR(fire("2026-03-03T11:59:59.999+08:00"), "");
    CHECK_STR(fire("2026-03-03T12:00:00+08:00"), "warn fired d1-a");
    CHECK_STR(fire("2026-03-03T12:00:00+08:00"), "");
    CHECK_STR(next("2026-03-03T12:00:00+08:00"), "2026-03-04T17:30:00.001+08:00");
    CHECK_STR(fire("2026-03-20T12:00:00+08:00"), "");
    CHECK_STR(next("2026-03-20T12:00:00+08:00"), "never");
}

static void a_red_stage_never_fires_before_due(void)
{
    struct clock_rule *clock = begin("2wd");
    (void)world_stage(&world, clock, "early 1d", LIGHT_RED, "handler");
    (void)world_stage(&world, clock, "late due+1wd@09:00", LIGHT_RED, "unit_head");
    CHECK_STR(fire("2026-03-04T17:29:59+08:00"), "");
    CHECK_STR(fire("2026-03-04T17:30:00+08:00"), "early fired d1-a");
    CHECK_STR(next("2026-03-04T17:30:00+08:00"), "2026-03-04T17:30:00.001+08:00");
    CHECK_STR(next("2026-03-04T17:30:00.001+08:00"), "2026-03-05T09:00:00+08:00");
    CHECK_STR(fire("2026-03-05T09:00:00+08:00"), "late fired d1-head");
}

static void a_share_is_rounded_up_to_days(void)
{
    struct clock_rule *clock = begin("3d");
    clock->roll_next_working_day = true;
    (void)world_stage(&world, clock, "half 50%", LIGHT_YELLOW, "handler");
    CHECK_STR(next("2026-03-02T09:00:00+08:00"), "2026-03-04T17:30:00+08:00");
    clock = begin("10h");
    (void)world_stage(&world, clock, "half 25%", LIGHT_YELLOW, "handler");
    CHECK_STR(next("2026-03-02T09:00:00+08:00"), "2026-03-02T11:30:00+08:00");
}

static void an_instant_before_the_start_is_the_start(void)
{
    struct clock_rule *clock = begin("2wd");
    (void)world_stage(&world, clock, "warn due-5wd", LIGHT_YELLOW, "handler");
    CHECK_STR(fire("2026-03-02T09:00:00+08:00"), "warn fired d1-a");
    CHECK_EQ(world.memory.fired[0].instant.ms, world_at("2026-03-02T09:00:00+08:00").ms);
}

static void a_run_that_ended_or_is_paused_fires_nothing(void)
{
    struct clock_rule *clock = begin("2wd");
    (void)world_stage(&world, clock, "warn 1d@12:00", LIGHT_YELLOW, "handler");
    world_add(&world, "2026-03-03T09:00:00+08:00", "suspended reason=x");
    CHECK_STR(fire("2026-03-04T00:00:00+08:00"), "");
    CHECK_STR(next("2026-03-04T00:00:00+08:00"), "never");
    world_add(&world, "2026-03-04T10:00:00+08:00", "resumed");
    /* Tuesday does not count any more: one day after Monday is now Wednesday. */
    CHECK_STR(fire("2026-03-04T12:00:00+08:00"), "warn fired d1-a");
    clock = begin("2wd");
    (void)world_stage(&world, clock, "warn 1d@12:00", LIGHT_YELLOW, "handler");
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered");
    CHECK_STR(fire("2026-03-20T00:00:00+08:00"), "");
}

static void a_missed_run_is_silent_while_it_is_suspended(void)
{
    struct clock_rule *clock = begin("1wd");
    (void)world_stage(&world, clock, "late due+1d@09:00", LIGHT_RED, "handler");
    world_add(&world, "2026-03-03T18:00:00+08:00", "suspended reason=x");
    CHECK_STR(fire("2026-03-05T00:00:00+08:00"), "");
    world_add(&world, "2026-03-05T10:00:00+08:00", "resumed");
    CHECK_STR(fire("2026-03-05T10:00:00+08:00"), "late fired d1-a");
    CHECK_EQ(world.memory.fired[0].instant.ms, world_at("2026-03-04T09:00:00+08:00").ms);
}

/* ---- after an extension ---- */

static void a_tied_stage_fires_again_after_an_extension(void)
{
    struct clock_rule *clock = begin("2wd");
    (void)world_stage(&world, clock, "tied due-1wd@09:00", LIGHT_YELLOW, "handler");
    (void)world_stage(&world, clock, "free 1wd@09:00", LIGHT_YELLOW, "unit_head");
    CHECK_STR(fire("2026-03-03T09:00:00+08:00"), "tied fired d1-a; free fired d1-head");
    world_add(&world, "2026-03-03T10:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    CHECK_STR(fire("2026-03-03T10:00:00+08:00"), "");
    CHECK_STR(fire("2026-03-04T09:00:00+08:00"), "tied fired d1-a");
    CHECK_STR(fire("2026-03-04T10:00:00+08:00"), "");
    CHECK_EQ(world_fire(&world, "2026-03-04T10:00:00+08:00").firing_count, 0);
}

static void an_extension_does_not_bring_back_what_lies_before_it(void)
{
    struct clock_rule *clock = begin("10wd");
    (void)world_stage(&world, clock, "tied 10%", LIGHT_YELLOW, "handler");
    CHECK_STR(fire("2026-03-03T17:30:00+08:00"), "tied fired d1-a");
    world_add(&world, "2026-03-06T10:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    /* 10 % of 11 days is two days: Wednesday, before the extension. */
    CHECK_STR(fire("2026-03-06T10:00:00+08:00"), "");
}

static void a_pause_does_not_make_a_tied_stage_fire_again(void)
{
    struct clock_rule *clock = begin("3wd");
    (void)world_stage(&world, clock, "tied due-2wd@09:00", LIGHT_YELLOW, "handler");
    CHECK_STR(fire("2026-03-03T09:00:00+08:00"), "tied fired d1-a");
    world_add(&world, "2026-03-03T10:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-05T10:00:00+08:00", "resumed");
    CHECK_STR(fire("2026-03-06T09:00:00+08:00"), "");
    CHECK_STR(fire("2026-03-12T09:00:00+08:00"), "");
}

/* ---- repeats ---- */

static void fixed_times_repeat_from_the_instant_on(void)
{
    struct clock_rule *clock = begin("10wd");
    struct stage *stage = world_stage(&world, clock, "nag 1d@12:00", LIGHT_YELLOW, "handler");
    world_repeat(&world, stage, "08:30 12:00 17:30", 0);
    CHECK_STR(fire("2026-03-03T12:00:00+08:00"), "nag fired d1-a");
    CHECK_STR(next("2026-03-03T12:00:00+08:00"), "2026-03-03T17:30:00+08:00");
    CHECK_STR(fire("2026-03-03T17:30:00+08:00"), "nag fired d1-a");
    CHECK_STR(next("2026-03-03T17:30:00+08:00"), "2026-03-04T08:30:00+08:00");
}

static void working_days_only_and_a_maximum(void)
{
    struct clock_rule *clock = begin("10wd");
    struct stage *stage = world_stage(&world, clock, "nag 3d@10:00", LIGHT_YELLOW, "handler");
    world_repeat(&world, stage, "working 09:00", 2);
    CHECK_STR(next("2026-03-02T10:00:00+08:00"), "2026-03-05T10:00:00+08:00");
    CHECK_STR(next("2026-03-05T10:00:00+08:00"), "2026-03-06T09:00:00+08:00");
    CHECK_STR(fire("2026-03-06T09:00:00+08:00"), "nag fired d1-a");
    CHECK_STR(next("2026-03-06T09:00:00+08:00"), "2026-03-09T09:00:00+08:00");
    CHECK_STR(fire("2026-03-09T09:00:00+08:00"), "nag fired d1-a");
    CHECK_STR(next("2026-03-09T09:00:00+08:00"), "2026-03-16T17:30:00.001+08:00");
}

static void missed_occurrences_collapse_into_the_latest(void)
{
    struct clock_rule *clock = begin("10wd");
    struct stage *stage = world_stage(&world, clock, "nag 30m", LIGHT_YELLOW, "handler");
    world_repeat(&world, stage, "every 1h", 0);
    CHECK_STR(fire("2026-03-02T13:45:00+08:00"), "nag fired d1-a");
    CHECK_EQ(world.memory.fired_count, 5);
    CHECK_EQ(world.memory.fired[4].status, ALERT_FIRED);
    CHECK_EQ(world.memory.fired[4].instant.ms, world_at("2026-03-02T13:30:00+08:00").ms);
    CHECK_EQ(world.memory.fired[3].status, ALERT_COLLAPSED);
    CHECK_STR(fire("2026-03-02T13:45:00+08:00"), "");
    CHECK_STR(next("2026-03-02T13:45:00+08:00"), "2026-03-02T14:30:00+08:00");
}

static void occurrences_in_a_pause_are_skipped_and_do_not_count(void)
{
    struct clock_rule *clock = begin("10wd");
    struct stage *stage = world_stage(&world, clock, "nag 1d@12:00", LIGHT_YELLOW, "handler");
    world_repeat(&world, stage, "12:00", 3);
    CHECK_STR(fire("2026-03-03T12:00:00+08:00"), "nag fired d1-a");
    world_add(&world, "2026-03-04T11:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-06T12:00:00+08:00", "resumed"); /* [S, R): Friday noon counts */
    CHECK_STR(fire("2026-03-06T12:00:00+08:00"), "nag fired d1-a");
    CHECK_STR(fire("2026-03-07T12:00:00+08:00"), "nag fired d1-a");
    CHECK_STR(fire("2026-03-08T12:00:00+08:00"), "");
}

static void a_repeat_of_years_looks_back_only_so_far(void)
{
    struct clock_rule *clock = begin("10wd");
    struct stage *stage = world_stage(&world, clock, "nag 1s", LIGHT_YELLOW, "handler");
    world_repeat(&world, stage, "every 60s", 0);
    CHECK_STR(fire("2030-03-02T12:00:00+08:00"), "nag fired d1-a");
    CHECK_EQ(world.memory.fired_count, 1001);
    CHECK_STR(fire("2030-03-02T12:00:30+08:00"), "nag fired d1-a");
    CHECK_EQ(world.memory.fired_count, 1002);
}

/* ---- who hears ---- */

static void a_person_is_sent_only_the_last_of_one_moment(void)
{
    struct clock_rule *clock = begin("2wd");
    (void)world_stage(&world, clock, "a 1d@09:00", LIGHT_YELLOW, "handler unit_head");
    (void)world_stage(&world, clock, "b 1d@10:00", LIGHT_YELLOW, "handler");
    (void)world_stage(&world, clock, "c 1d@09:00", LIGHT_YELLOW, "unit_head handler oversight");
    (void)world_stage(&world, clock, "d 1d@08:00", LIGHT_YELLOW, "handler");
    CHECK_STR(
        fire("2026-03-03T12:00:00+08:00"),
        "d superseded; a superseded; c fired d1-head,ov-1,ov-2; b fired d1-a");
}

static void each_run_is_by_itself(void)
{
    struct clock_rule *clock = begin("2wd");
    struct clock_rule *other = world_clock(&world, "d", "2wd");
    (void)world_stage(&world, clock, "a 1d@09:00", LIGHT_YELLOW, "handler");
    (void)world_stage(&world, other, "b 1d@09:00", LIGHT_YELLOW, "handler");
    CHECK_STR(fire("2026-03-03T12:00:00+08:00"), "a fired d1-a; b fired d1-a");
}

static void an_acknowledgement_suppresses_a_later_stage(void)
{
    struct clock_rule *clock = begin("5wd");
    (void)world_stage(&world, clock, "a 1d@09:00", LIGHT_YELLOW, "handler");
    world_stage(&world, clock, "b 1d@10:00", LIGHT_YELLOW, "unit_head")->if_acked =
        IF_ACKED_SUPPRESS;
    world_stage(&world, clock, "c 1d@11:00", LIGHT_YELLOW, "unit_head")->if_acked =
        IF_ACKED_SUPPRESS;
    CHECK_STR(fire("2026-03-03T09:00:00+08:00"), "a fired d1-a");
    world_add(&world, "2026-03-03T09:30:00+08:00", "acknowledged by=d1-a clock=other");
    world_add(&world, "2026-03-03T09:31:00+08:00", "acknowledged by=d1-b clock=c");
    CHECK_STR(fire("2026-03-03T10:00:00+08:00"), "b fired d1-head");
    world_add(&world, "2026-03-03T10:30:00+08:00", "acknowledged by=d1-a clock=c");
    CHECK_STR(fire("2026-03-03T11:00:00+08:00"), "c suppressed");
}

static void old_cases_that_arrive_today_ring_nobody(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    struct clock_rule *clock = world_clock(&world, "c", "5wd");
    (void)world_stage(&world, clock, "old 1d@09:00", LIGHT_YELLOW, "handler");
    (void)world_stage(&world, clock, "new 2d@09:00", LIGHT_YELLOW, "handler");
    struct event event = world_event(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    event.arrived = world_at("2026-03-04T10:00:00+08:00");
    world_add_event(&world, &event);
    CHECK_STR(fire("2026-03-04T10:00:00+08:00"), "old skipped; new fired d1-a");
    world.memory.first_arrived = wall_add(world.memory.first_arrived, 1);
    world.memory.fired_count = 0;
    CHECK_STR(fire("2026-03-04T10:00:00.001+08:00"), "old skipped; new skipped");
}

static void people_are_those_of_the_moment_it_fires(void)
{
    struct clock_rule *clock = begin("5wd");
    (void)world_stage(&world, clock, "a 1d@09:00", LIGHT_YELLOW, "handler unit_head");
    world_add(&world, "2026-03-03T08:00:00+08:00", "assigned unit=d2 handler=d2-a");
    CHECK_STR(fire("2026-03-03T09:00:00+08:00"), "a fired d2-a,d2-head");
}

/* ---- light ---- */

static enum light light(const char *now)
{
    return world_run(world_fold(&world, now), "c", 1)->light;
}

static void the_light_follows_the_stages_and_the_miss(void)
{
    struct clock_rule *clock = begin("2wd");
    (void)world_stage(&world, clock, "warn 1d@12:00", LIGHT_YELLOW, "handler");
    CHECK_EQ(light("2026-03-03T11:59:59+08:00"), LIGHT_GREEN);
    CHECK_EQ(light("2026-03-03T12:00:00+08:00"), LIGHT_YELLOW);
    CHECK_EQ(light("2026-03-04T17:30:00+08:00"), LIGHT_YELLOW);
    CHECK_EQ(light("2026-03-04T17:30:00.001+08:00"), LIGHT_RED);
    CHECK_EQ(world_fold(&world, "2026-03-05T00:00:00+08:00")->light, LIGHT_RED);
    world_add(&world, "2026-03-05T09:00:00+08:00", "answered");
    CHECK_EQ(world_fold(&world, "2026-03-06T00:00:00+08:00")->light, LIGHT_GREEN);
}

static void neither_stages_nor_shares_roll_off_a_day_of_rest(void)
{
    struct clock_rule *clock = begin("10d");
    (void)world_stage(&world, clock, "half 50%", LIGHT_YELLOW, "handler");
    CHECK_STR(next("2026-03-02T09:00:00+08:00"), "2026-03-08T00:00:00+08:00");
    clock = begin("10d");
    (void)world_stage(&world, clock, "five 5d@09:00", LIGHT_YELLOW, "handler");
    CHECK_STR(next("2026-03-02T09:00:00+08:00"), "2026-03-07T09:00:00+08:00");
}

static void a_late_arrival_moves_stages_and_shares(void)
{
    struct clock_rule *clock = begin("4wd");
    clock->late_arrival_next_working_day = true;
    world.memory.event_count = 0;
    world_add(&world, "2026-03-07T09:00:00+08:00", RECEIVED);
    (void)world_stage(&world, clock, "two 2wd", LIGHT_YELLOW, "handler");
    (void)world_stage(&world, clock, "half 25%", LIGHT_YELLOW, "handler");
    CHECK_STR(next("2026-03-07T09:00:00+08:00"), "2026-03-10T17:30:00+08:00");
    CHECK_STR(next("2026-03-10T17:30:00+08:00"), "2026-03-11T17:30:00+08:00");
}

static void what_never_fired_is_not_held_back_by_an_extension(void)
{
    struct clock_rule *clock = begin("10wd");
    (void)world_stage(&world, clock, "tied 10%", LIGHT_YELLOW, "handler");
    world_add(&world, "2026-03-05T10:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    CHECK_STR(fire("2026-03-05T10:00:00+08:00"), "tied fired d1-a");
}

static void another_occurrence_is_not_an_earlier_stage(void)
{
    struct clock_rule *clock = begin("10wd");
    struct stage *stage = world_stage(&world, clock, "nag 1d@12:00", LIGHT_YELLOW, "handler");
    stage->if_acked = IF_ACKED_SUPPRESS;
    world_repeat(&world, stage, "12:00", 0);
    CHECK_STR(fire("2026-03-03T12:00:00+08:00"), "nag fired d1-a");
    world_add(&world, "2026-03-03T13:00:00+08:00", "acknowledged by=d1-a clock=c stage=nag");
    CHECK_STR(fire("2026-03-04T12:00:00+08:00"), "nag fired d1-a");
}

static void an_acknowledgement_of_the_run_before_does_not_count(void)
{
    struct clock_rule *clock = begin("10wd");
    clock->on_transfer = ON_RESTART;
    (void)world_stage(&world, clock, "a 1h", LIGHT_YELLOW, "oversight");
    world_stage(&world, clock, "b 2h", LIGHT_YELLOW, "unit_head")->if_acked = IF_ACKED_SUPPRESS;
    CHECK_STR(fire("2026-03-02T10:00:00+08:00"), "a fired ov-1,ov-2");
    world_add(&world, "2026-03-02T10:30:00+08:00", "acknowledged by=ov-1 clock=c");
    world_add(&world, "2026-03-02T10:40:00+08:00", "assigned unit=d2 handler=d2-a");
    CHECK_STR(fire("2026-03-02T11:40:00+08:00"), "a fired ov-1,ov-2");
    CHECK_STR(fire("2026-03-02T12:40:00+08:00"), "b fired d2-head");
}

static void midnight_belongs_to_the_day_it_ends(void)
{
    struct clock_rule *clock = begin("10wd");
    struct stage *stage = world_stage(&world, clock, "nag 4d@24:00", LIGHT_YELLOW, "handler");
    world_repeat(&world, stage, "working 24:00", 0);
    /* Friday's 24:00 is Saturday's 00:00, and Friday works. */
    CHECK_STR(next("2026-03-06T12:00:00+08:00"), "2026-03-07T00:00:00+08:00");
    CHECK_STR(fire("2026-03-07T00:00:00+08:00"), "nag fired d1-a");
    CHECK_STR(next("2026-03-07T00:00:00+08:00"), "2026-03-10T00:00:00+08:00");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_stage_fires_at_its_instant_and_once);
    CHECK_RUN(a_red_stage_never_fires_before_due);
    CHECK_RUN(a_share_is_rounded_up_to_days);
    CHECK_RUN(an_instant_before_the_start_is_the_start);
    CHECK_RUN(a_run_that_ended_or_is_paused_fires_nothing);
    CHECK_RUN(a_missed_run_is_silent_while_it_is_suspended);
    CHECK_RUN(a_tied_stage_fires_again_after_an_extension);
    CHECK_RUN(an_extension_does_not_bring_back_what_lies_before_it);
    CHECK_RUN(a_pause_does_not_make_a_tied_stage_fire_again);
    CHECK_RUN(fixed_times_repeat_from_the_instant_on);
    CHECK_RUN(working_days_only_and_a_maximum);
    CHECK_RUN(missed_occurrences_collapse_into_the_latest);
    CHECK_RUN(occurrences_in_a_pause_are_skipped_and_do_not_count);
    CHECK_RUN(a_repeat_of_years_looks_back_only_so_far);
    CHECK_RUN(a_person_is_sent_only_the_last_of_one_moment);
    CHECK_RUN(each_run_is_by_itself);
    CHECK_RUN(an_acknowledgement_suppresses_a_later_stage);
    CHECK_RUN(old_cases_that_arrive_today_ring_nobody);
    CHECK_RUN(people_are_those_of_the_moment_it_fires);
    CHECK_RUN(the_light_follows_the_stages_and_the_miss);
    CHECK_RUN(neither_stages_nor_shares_roll_off_a_day_of_rest);
    CHECK_RUN(a_late_arrival_moves_stages_and_shares);
    CHECK_RUN(what_never_fired_is_not_held_back_by_an_extension);
    CHECK_RUN(another_occurrence_is_not_an_earlier_stage);
    CHECK_RUN(an_acknowledgement_of_the_run_before_does_not_count);
    CHECK_RUN(midnight_belongs_to_the_day_it_ends);
    world_release(&world);
    return check_done();
}
