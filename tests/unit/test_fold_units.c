/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of co-handling units (semantics section 3). 2026-03-02 is a Monday. */
#include "rules/case.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

#define RECEIVED "received unit=d1 handler=d1-a co_units=d2,ov"
#define LATER    "2026-03-10T09:00:00+08:00"

static struct rule_world world;
static struct clock_rule *host;
static struct clock_rule *co;

/* The host has five working days, each co-handling unit two. */
static void begin(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    host = world_clock(&world, "host", "5wd");
    co = world_clock(&world, "co", "2wd");
    co->per_co_unit = true;
}

static const struct run *run_at(const char *clock, int32_t number, const char *now)
{
    return world_run(world_fold(&world, now), clock, number);
}

static const char *outcome(const char *clock, int32_t number, const char *now)
{
    return world_outcome(&world, run_at(clock, number, now));
}

static void each_unit_of_the_list_has_a_run_of_its_own(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 co_units=ov,d2,,d2");
    const struct case_state *state = world_fold(&world, "2026-03-02T10:00:00+08:00");
    CHECK_EQ(state->run_count, 3);
    CHECK(text_is(state->runs[0].clock, "co@d2"));
    CHECK(text_is(state->runs[0].co_unit, "d2"));
    CHECK(text_is(state->runs[1].clock, "co@ov"));
    CHECK(text_is(state->runs[2].clock, "host"));
    CHECK_EQ(state->runs[2].co_unit.bytes, 0);
}

static void without_a_list_no_unit_has_a_clock(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1");
    CHECK_EQ(world_fold(&world, "2026-03-02T10:00:00+08:00")->run_count, 1);
}

static void a_unit_added_later_starts_then_and_one_left_out_keeps_its_run(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 co_units=d2");
    world_add(&world, "2026-03-03T09:00:00+08:00", "received co_units=ov");
    CHECK_EQ(world_fold(&world, "2026-03-03T10:00:00+08:00")->run_count, 3);
    CHECK_EQ(
        run_at("co@ov", 1, "2026-03-03T10:00:00+08:00")->start.ms,
        world_at("2026-03-03T09:00:00+08:00").ms);
    CHECK_STR(
        outcome("co@d2", 1, "2026-03-03T10:00:00+08:00"),
        "running due=2026-03-04T17:30:00+08:00 stopped=-");
}

static void what_a_unit_does_stops_its_own_clock_alone(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered unit=d2");
    CHECK_STR(
        outcome("co@d2", 1, LATER),
        "met due=2026-03-04T17:30:00+08:00 stopped=2026-03-03T09:00:00+08:00");
    CHECK_EQ(run_at("co@ov", 1, LATER)->outcome, RUN_MISSED);
    CHECK_EQ(run_at("host", 1, LATER)->outcome, RUN_MISSED);
}

static void an_answer_of_the_host_stops_the_host_alone(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered unit=d1");
    CHECK_EQ(run_at("host", 1, LATER)->outcome, RUN_MET);
    CHECK_EQ(run_at("co@d2", 1, LATER)->outcome, RUN_MISSED);
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered");
    CHECK_EQ(run_at("host", 1, LATER)->outcome, RUN_MET);
    CHECK_EQ(run_at("co@d2", 1, LATER)->outcome, RUN_MISSED);
}

static void the_end_of_the_case_stops_every_clock_that_names_it(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "completed unit=d2");
    CHECK_EQ(run_at("host", 1, LATER)->outcome, RUN_MET);
    CHECK_EQ(run_at("co@d2", 1, LATER)->outcome, RUN_MET);
    CHECK_EQ(run_at("co@ov", 1, LATER)->outcome, RUN_MET);
}

static void a_transfer_of_the_case_leaves_co_handling_alone(void)
{
    begin();
    host->on_transfer = ON_RESTART;
    co->on_transfer = ON_RESTART;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "assigned unit=ov");
    CHECK(run_at("host", 2, "2026-03-03T10:00:00+08:00"));
    CHECK(!run_at("co@d2", 2, "2026-03-03T10:00:00+08:00"));
    CHECK_EQ(run_at("co@d2", 1, "2026-03-03T10:00:00+08:00")->outcome, RUN_RUNNING);
}

static void a_miss_is_that_units_and_its_clerks(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d2 handler=d2-a co_units=d1,d2");
    CHECK(text_is(run_at("co@d1", 1, LATER)->unit_at_due, "d1"));
    CHECK(text_is(run_at("co@d1", 1, LATER)->handler_at_due, "d1-clerk"));
    CHECK_EQ(run_at("co@d2", 1, LATER)->handler_at_due.bytes, 0);
    CHECK(text_is(run_at("host", 1, LATER)->handler_at_due, "d2-a"));
}

static void roles_are_those_of_the_co_handling_unit(void)
{
    begin();
    (void)world_stage(&world, co, "warn 1h", LIGHT_YELLOW, "handler unit_head");
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d2 handler=d2-a co_units=d1");
    const struct case_plan plan = world_fire(&world, "2026-03-02T10:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "warn fired d1-clerk,d1-head");
    CHECK(text_is(plan.firings[0].fired.clock, "co@d1"));
    CHECK_EQ(world_fire(&world, "2026-03-02T10:00:00+08:00").firing_count, 0);
}

static void a_message_is_still_wanted_by_whom_the_unit_means(void)
{
    begin();
    (void)world_stage(&world, co, "warn 1h", LIGHT_YELLOW, "unit_head");
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d2 handler=d2-a co_units=d1");
    (void)world_fire(&world, "2026-03-02T10:00:00+08:00");
    struct wanted_question question = {
        .clock = text_of("co@d1"),
        .run = 1,
        .stage = text_of("warn"),
        .instant = world_at("2026-03-02T10:00:00+08:00"),
        .person = text_of("d1-head"),
    };
    const struct case_state *state = world_fold(&world, "2026-03-02T10:00:00+08:00");
    CHECK_EQ(case_still_wanted(state, &world.rulebook, &question, &world.arena), WANTED);
    question.person = text_of("d2-head");
    CHECK_EQ(case_still_wanted(state, &world.rulebook, &question, &world.arena), NOT_WANTED_PERSON);
}

static void the_host_shows_whom_it_waits_for(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 co_units=ov,d2");
    const struct run *run = run_at("host", 1, "2026-03-02T10:00:00+08:00");
    CHECK_EQ(run->waiting_count, 2);
    CHECK(text_is(run->waiting_for[0], "d2"));
    CHECK(text_is(run->waiting_for[1], "ov"));
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered unit=d2");
    run = run_at("host", 1, LATER); /* a unit that is late is still waited for */
    CHECK_EQ(run->waiting_count, 1);
    CHECK(text_is(run->waiting_for[0], "ov"));
    CHECK_EQ(run_at("co@ov", 1, LATER)->waiting_count, 0);
}

static void each_unit_has_families_of_its_own(void)
{
    begin();
    struct clock_rule *other = world_clock(&world, "other", "3wd");
    other->per_co_unit = true;
    other->family = text_of("co");
    static const struct text d2_only[] = {{"yes", 3}};
    co->match = (struct match){
        .kind = MATCH_EQUAL_ANY_OF, .path = {"first", 5}, .values = d2_only, .value_count = 1};
    world_add(&world, "2026-03-02T09:00:00+08:00", "received unit=d1 co_units=d2 first=yes");
    world_add(&world, "2026-03-02T10:00:00+08:00", "received co_units=d2,ov first=no");
    const struct case_state *state = world_fold(&world, "2026-03-02T11:00:00+08:00");
    CHECK(world_run(state, "co@d2", 1));
    CHECK(!world_run(state, "other@d2", 1));
    CHECK(world_run(state, "other@ov", 1));
}

static void no_more_than_a_hundred_units_get_clocks(void)
{
    begin();
    struct buf list;
    buf_init(&list, 65536);
    buf_string(&list, "received unit=d1 co_units=");
    for (int i = 0; i < 150; i++)
        buf_format(&list, "u%03d,", i);
    const char *words = arena_string(&world.arena, buf_view(&list));
    buf_release(&list);
    world_add(&world, "2026-03-02T09:00:00+08:00", words);
    world_add(&world, "2026-03-02T10:00:00+08:00", "received co_units=z1,z2");
    CHECK_EQ(world_fold(&world, "2026-03-02T11:00:00+08:00")->run_count, 101);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(each_unit_of_the_list_has_a_run_of_its_own);
    CHECK_RUN(without_a_list_no_unit_has_a_clock);
    CHECK_RUN(a_unit_added_later_starts_then_and_one_left_out_keeps_its_run);
    CHECK_RUN(what_a_unit_does_stops_its_own_clock_alone);
    CHECK_RUN(an_answer_of_the_host_stops_the_host_alone);
    CHECK_RUN(the_end_of_the_case_stops_every_clock_that_names_it);
    CHECK_RUN(a_transfer_of_the_case_leaves_co_handling_alone);
    CHECK_RUN(a_miss_is_that_units_and_its_clerks);
    CHECK_RUN(roles_are_those_of_the_co_handling_unit);
    CHECK_RUN(a_message_is_still_wanted_by_whom_the_unit_means);
    CHECK_RUN(the_host_shows_whom_it_waits_for);
    CHECK_RUN(each_unit_has_families_of_its_own);
    CHECK_RUN(no_more_than_a_hundred_units_get_clocks);
    world_release(&world);
    return check_done();
}
