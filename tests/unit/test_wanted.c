/* SPDX-License-Identifier: Apache-2.0 */
/* May a message still go out? */
#include "rules/case.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world world;

static void begin(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    struct clock_rule *clock = world_clock(&world, "c", "2wd");
    (void)world_stage(&world, clock, "warn 1d@06:00", LIGHT_YELLOW, "handler");
    world_repeat(
        &world, world_stage(&world, clock, "nag 1d@06:00", LIGHT_YELLOW, "unit_head"), "06:00", 0);
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 handler=d1-a");
    (void)world_fire(&world, "2026-03-03T06:00:00+08:00");
}

static enum still_wanted wanted(const char *stage, const char *person, const char *now)
{
    const struct wanted_question question = {
        .clock = text_of("c"),
        .run = 1,
        .stage = text_of(stage),
        .instant = world_at("2026-03-03T06:00:00+08:00"),
        .person = text_of(person),
    };
    return case_still_wanted(world_fold(&world, now), &world.rulebook, &question, &world.arena);
}

static void a_running_case_still_wants_its_alerts(void)
{
    begin();
    CHECK_EQ(wanted("warn", "d1-a", "2026-03-03T08:30:00+08:00"), WANTED);
    CHECK_EQ(wanted("nag", "d1-head", "2026-03-03T08:30:00+08:00"), WANTED);
    CHECK_EQ(wanted("warn", "", "2026-03-03T08:30:00+08:00"), WANTED);
    CHECK_EQ(wanted("nag", "d1-head", "2026-03-20T08:30:00+08:00"), WANTED);
}

static void a_settled_run_wants_none(void)
{
    begin();
    world_add(&world, "2026-03-03T07:00:00+08:00", "answered");
    CHECK_EQ(wanted("warn", "d1-a", "2026-03-03T08:30:00+08:00"), NOT_WANTED_SETTLED);
    CHECK_EQ(wanted("warn", "", "2026-03-03T08:30:00+08:00"), NOT_WANTED_SETTLED);
}

static void somebody_no_longer_addressed_gets_none(void)
{
    begin();
    world_add(&world, "2026-03-03T07:00:00+08:00", "assigned unit=d1 handler=d1-b");
    CHECK_EQ(wanted("warn", "d1-a", "2026-03-03T08:30:00+08:00"), NOT_WANTED_PERSON);
    CHECK_EQ(wanted("nag", "d1-head", "2026-03-03T08:30:00+08:00"), WANTED);
}

static void a_late_event_can_show_that_it_was_never_right(void)
{
    begin();
    struct event late = world_event(&world, "2026-03-02T16:00:00+08:00", "suspended reason=x");
    late.arrived = world_at("2026-03-03T07:00:00+08:00");
    world_add_event(&world, &late);
    CHECK_EQ(wanted("warn", "d1-a", "2026-03-03T08:30:00+08:00"), NOT_WANTED_OVERTAKEN);
    CHECK_EQ(wanted("nag", "d1-head", "2026-03-03T08:30:00+08:00"), NOT_WANTED_OVERTAKEN);
}

static void what_happens_afterwards_does_not_make_it_wrong(void)
{
    begin();
    world_add(&world, "2026-03-03T07:00:00+08:00", "suspended reason=x");
    CHECK_EQ(wanted("warn", "d1-a", "2026-03-03T08:30:00+08:00"), WANTED);
    begin();
    world_add(&world, "2026-03-03T07:00:00+08:00", "extended by=2wd approved_by=a reason=x");
    CHECK_EQ(wanted("warn", "d1-a", "2026-03-03T08:30:00+08:00"), WANTED);
}

static void a_run_or_stage_that_is_gone_wants_none(void)
{
    begin();
    CHECK_EQ(wanted("other", "d1-a", "2026-03-03T08:30:00+08:00"), NOT_WANTED_OVERTAKEN);
    world.memory.event_count = 0;
    CHECK_EQ(wanted("warn", "d1-a", "2026-03-03T08:30:00+08:00"), NOT_WANTED_OVERTAKEN);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_running_case_still_wants_its_alerts);
    CHECK_RUN(a_settled_run_wants_none);
    CHECK_RUN(somebody_no_longer_addressed_gets_none);
    CHECK_RUN(a_late_event_can_show_that_it_was_never_right);
    CHECK_RUN(what_happens_afterwards_does_not_make_it_wrong);
    CHECK_RUN(a_run_or_stage_that_is_gone_wants_none);
    world_release(&world);
    return check_done();
}
