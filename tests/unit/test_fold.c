/* SPDX-License-Identifier: Apache-2.0 */
/* Runs: starting, stopping, missing, extensions, transfers, reopening. 2026-03-02 is a Monday. */
#include "rules/case.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

#define RECEIVED "received unit=d1 handler=d1-a labels.k=a"

static struct rule_world world;

static void begin(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
}

static const char *outcome(const char *clock, int32_t run, const char *now)
{
    return world_outcome(&world, world_run(world_fold(&world, now), clock, run));
}

/* ---- outcomes ---- */

static void a_stop_at_the_exact_due_time_is_met(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T17:30:00+08:00", "answered");
    CHECK_STR(
        outcome("c", 1, "2026-03-04T00:00:00+08:00"),
        "met due=2026-03-03T17:30:00+08:00 stopped=2026-03-03T17:30:00+08:00");
}

static void a_run_is_missed_only_after_due(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_STR(
        outcome("c", 1, "2026-03-03T17:30:00+08:00"),
        "running due=2026-03-03T17:30:00+08:00 stopped=-");
    CHECK_STR(
        outcome("c", 1, "2026-03-03T17:30:00.001+08:00"),
        "missed due=2026-03-03T17:30:00+08:00 stopped=-");
    world_add(&world, "2026-03-03T17:30:00.001+08:00", "answered");
    CHECK_STR(
        outcome("c", 1, "2026-03-05T00:00:00+08:00"),
        "missed due=2026-03-03T17:30:00+08:00 stopped=2026-03-03T17:30:00.001+08:00");
}

static void a_missed_run_stays_missed_whatever_comes(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-04T09:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-05T09:00:00+08:00", "extended by=5wd approved_by=a reason=x");
    CHECK_STR(
        outcome("c", 1, "2026-03-05T10:00:00+08:00"),
        "missed due=2026-03-03T17:30:00+08:00 stopped=-");
    world_add(&world, "2026-03-06T09:00:00+08:00", "withdrawn");
    CHECK_STR(
        outcome("c", 1, "2026-03-07T10:00:00+08:00"),
        "missed due=2026-03-03T17:30:00+08:00 stopped=2026-03-06T09:00:00+08:00");
}

static void a_late_event_turns_a_miss_into_met(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_EQ(
        world_run(world_fold(&world, "2026-03-05T00:00:00+08:00"), "c", 1)->outcome, RUN_MISSED);
    struct event stop = world_event(&world, "2026-03-03T10:00:00+08:00", "completed");
    stop.arrived = world_at("2026-03-05T00:00:00+08:00");
    world_add_event(&world, &stop);
    CHECK_EQ(world_run(world_fold(&world, "2026-03-05T00:00:00+08:00"), "c", 1)->outcome, RUN_MET);
}

static void withdrawn_in_time_is_cancelled(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T17:30:00+08:00", "withdrawn");
    CHECK_STR(
        outcome("c", 1, "2026-03-05T10:00:00+08:00"),
        "cancelled due=2026-03-03T17:30:00+08:00 stopped=2026-03-03T17:30:00+08:00");
}

static void whoever_held_the_case_at_due_is_remembered(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-05T09:00:00+08:00", "assigned unit=d2 handler=d2-a");
    const struct case_state *state = world_fold(&world, "2026-03-06T00:00:00+08:00");
    CHECK(text_is(state->unit, "d2"));
    CHECK(text_is(world_run(state, "c", 1)->unit_at_due, "d1"));
    CHECK(text_is(world_run(state, "c", 1)->handler_at_due, "d1-a"));
}

/* ---- starting ---- */

static void one_clock_per_family_and_file_order_decides(void)
{
    begin();
    static const struct text b[] = {{"b", 1}};
    static const struct match only_b = {
        .kind = MATCH_EQUAL_ANY_OF, .path = {"labels.k", 8}, .values = b, .value_count = 1};
    struct clock_rule *first = world_clock(&world, "first", "1wd");
    world_clock(&world, "second", "2wd")->family = text_of("f");
    world_clock(&world, "third", "3wd")->family = text_of("f");
    first->family = text_of("f");
    first->match = only_b;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-02T10:00:00+08:00", "received labels.k=b");
    const struct case_state *state = world_fold(&world, "2026-03-02T11:00:00+08:00");
    CHECK_EQ(state->run_count, 1);
    CHECK(world_run(state, "second", 1));
}

static void a_later_received_updates_attributes_and_may_start_what_did_not_match(void)
{
    begin();
    static const struct text b[] = {{"b", 1}};
    static const struct match only_b = {
        .kind = MATCH_EQUAL_ANY_OF, .path = {"labels.k", 8}, .values = b, .value_count = 1};
    world_clock(&world, "c", "1wd")->match = only_b;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_EQ(world_fold(&world, "2026-03-02T11:00:00+08:00")->run_count, 0);
    world_add(&world, "2026-03-02T10:00:00+08:00", "received labels.k=b title=t");
    const struct case_state *state = world_fold(&world, "2026-03-02T11:00:00+08:00");
    CHECK_EQ(world_run(state, "c", 1)->start.ms, world_at("2026-03-02T10:00:00+08:00").ms);
    CHECK(text_is(state->unit, "d1"));
    CHECK(text_is(state->title, "t"));
    CHECK_EQ(state->created.ms, world_at("2026-03-02T09:00:00+08:00").ms);
}

static void a_closed_case_starts_nothing_until_it_is_reopened(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", "completed");
    world_add(&world, "2026-03-02T10:00:00+08:00", RECEIVED);
    CHECK_EQ(world_fold(&world, "2026-03-02T11:00:00+08:00")->run_count, 0);
    world_add(&world, "2026-03-02T12:00:00+08:00", "reopened reason=x");
    world_add(&world, "2026-03-02T13:00:00+08:00", RECEIVED);
    CHECK_EQ(world_fold(&world, "2026-03-02T14:00:00+08:00")->run_count, 1);
}

static void the_event_that_starts_a_run_does_not_stop_it(void)
{
    begin();
    struct clock_rule *clock = world_clock(&world, "c", "1wd");
    static const struct text both[] = {{"received", 8}};
    clock->stop = both;
    clock->stop_count = 1;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_EQ(
        world_run(world_fold(&world, "2026-03-02T10:00:00+08:00"), "c", 1)->outcome, RUN_RUNNING);
    world_add(&world, "2026-03-02T10:00:00+08:00", RECEIVED);
    CHECK_EQ(world_run(world_fold(&world, "2026-03-02T10:00:00+08:00"), "c", 1)->outcome, RUN_MET);
}

static void a_due_from_the_case_is_an_instant_or_the_end_of_a_date(void)
{
    begin();
    (void)world_clock(&world, "c", NULL);
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED " due=2026-03-06");
    CHECK_STR(
        outcome("c", 1, "2026-03-03T00:00:00+08:00"),
        "running due=2026-03-06T17:30:00+08:00 stopped=-");
    begin();
    (void)world_clock(&world, "c", NULL);
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED " due=2026-03-06T01:02:03Z");
    CHECK_STR(
        outcome("c", 1, "2026-03-03T00:00:00+08:00"),
        "running due=2026-03-06T09:02:03+08:00 stopped=-");
    begin();
    (void)world_clock(&world, "c", NULL);
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED " due=soon");
    CHECK_STR(outcome("c", 1, "2026-03-03T00:00:00+08:00"), "no run");
}

static void a_supervision_brings_its_own_due(void)
{
    begin();
    static const struct text supervised[] = {{"supervised", 10}};
    struct clock_rule *clock = world_clock(&world, "c", NULL);
    clock->limit_path = text_of("reply_by");
    clock->start = supervised;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "supervised reply_by=2026-03-05");
    CHECK_STR(
        outcome("c", 1, "2026-03-03T10:00:00+08:00"),
        "running due=2026-03-05T17:30:00+08:00 stopped=-");
}

/* ---- extensions ---- */

static const char *extended(const char *limit, const char *words)
{
    begin();
    (void)world_clock(&world, "c", limit);
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED " due=2026-03-04");
    world_add(&world, "2026-03-03T09:00:00+08:00", words);
    return world_text(
        &world, world_run(world_fold(&world, "2026-03-03T10:00:00+08:00"), "c", 1)->due);
}

static void an_extension_adds_in_the_limits_own_unit_only(void)
{
    const char *plain = "2026-03-04T17:30:00+08:00";
    CHECK_STR(
        extended("2wd", "extended by=2wd approved_by=a reason=x"), "2026-03-06T17:30:00+08:00");
    CHECK_STR(extended("2wd", "extended by=2d approved_by=a reason=x"), plain);
    CHECK_STR(extended("2wd", "extended by=2wd@09:00 approved_by=a reason=x"), plain);
    CHECK_STR(extended("2wd", "extended by=soon approved_by=a reason=x"), plain);
    CHECK_STR(extended("2wd", "extended by=2wd reason=x"), plain);
    CHECK_STR(extended("2wd", "extended by=2wd approved_by=a"), plain);
    CHECK_STR(extended("2wd", "extended by=2wd approved_by= reason=x"), plain);
    CHECK_STR(extended(NULL, "extended by=2wd approved_by=a reason=x"), plain);
    CHECK_STR(
        extended("600wm", "extended by=60wm approved_by=a reason=x"), "2026-03-03T15:00:00+08:00");
    CHECK_STR(
        extended("600wm", "extended by=1wh approved_by=a reason=x"), "2026-03-03T12:00:00+08:00");
}

static void until_makes_due_fixed(void)
{
    const char *until = "extended until=2026-03-09T12:00:00+08:00 approved_by=a reason=x";
    CHECK_STR(extended("2wd", until), "2026-03-09T12:00:00+08:00");
    CHECK_STR(extended(NULL, until), "2026-03-09T12:00:00+08:00");
    CHECK_STR(
        extended("2wd", "extended until=2026-03-09 approved_by=a reason=x"),
        "2026-03-04T17:30:00+08:00");
    begin();
    world_clock(&world, "c", "2wd")->extensions_max = 2;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", until);
    world_add(&world, "2026-03-03T10:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    world_add(&world, "2026-03-03T11:00:00+08:00", "suspended reason=x");
    const struct run *run = world_run(world_fold(&world, "2026-03-05T00:00:00+08:00"), "c", 1);
    CHECK_EQ(run->outcome, RUN_RUNNING);
    CHECK_EQ(run->extension_count, 1);
    CHECK_STR(world_text(&world, run->due), "2026-03-09T12:00:00+08:00");
}

static void extensions_are_counted_and_come_too_late_after_due(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T17:30:00+08:00", "extended by=1wd approved_by=a reason=x");
    world_add(&world, "2026-03-04T09:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    CHECK_STR(
        outcome("c", 1, "2026-03-04T10:00:00+08:00"),
        "running due=2026-03-04T17:30:00+08:00 stopped=-");
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T17:30:00.001+08:00", "extended by=1wd approved_by=a reason=x");
    CHECK_STR(
        outcome("c", 1, "2026-03-04T10:00:00+08:00"),
        "missed due=2026-03-03T17:30:00+08:00 stopped=-");
}

/* ---- transfers ---- */

static void a_transfer_restarts_with_the_plain_limit(void)
{
    begin();
    world_clock(&world, "c", "2wd")->on_transfer = ON_RESTART;
    (void)world_clock(&world, "kept", "2wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    world_add(&world, "2026-03-04T09:00:00+08:00", "assigned unit=d2");
    CHECK_STR(
        outcome("c", 1, "2026-03-04T10:00:00+08:00"),
        "replaced due=2026-03-05T17:30:00+08:00 stopped=2026-03-04T09:00:00+08:00");
    CHECK_STR(
        outcome("c", 2, "2026-03-04T10:00:00+08:00"),
        "running due=2026-03-06T17:30:00+08:00 stopped=-");
    CHECK_STR(outcome("kept", 2, "2026-03-04T10:00:00+08:00"), "no run");
    CHECK_EQ(world_fold(&world, "2026-03-04T10:00:00+08:00")->handler.bytes, 0);
}

static void a_new_handler_or_a_transfer_at_the_start_changes_no_run(void)
{
    begin();
    world_clock(&world, "c", "2wd")->on_transfer = ON_RESTART;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-02T09:00:00+08:00", "assigned unit=d2 handler=d2-a");
    world_add(&world, "2026-03-03T09:00:00+08:00", "assigned unit=d2 handler=d1-b");
    world_add(&world, "2026-03-03T10:00:00+08:00", "assigned unit=d2");
    const struct case_state *state = world_fold(&world, "2026-03-03T12:00:00+08:00");
    CHECK_EQ(state->run_count, 1);
    CHECK(text_is(state->handler, "d1-b"));
}

static void a_missed_run_is_not_replaced(void)
{
    begin();
    world_clock(&world, "c", "1wd")->on_transfer = ON_RESTART;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-05T09:00:00+08:00", "assigned unit=d2");
    CHECK_STR(
        outcome("c", 1, "2026-03-05T10:00:00+08:00"),
        "missed due=2026-03-03T17:30:00+08:00 stopped=2026-03-05T09:00:00+08:00");
    CHECK_STR(
        outcome("c", 2, "2026-03-05T10:00:00+08:00"),
        "running due=2026-03-06T17:30:00+08:00 stopped=-");
}

/* ---- reopening ---- */

static void reopening_restarts_or_continues(void)
{
    begin();
    (void)world_clock(&world, "again", "3wd");
    world_clock(&world, "on", "3wd")->on_reopen = ON_CONTINUE;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered");
    world_add(&world, "2026-03-05T09:00:00+08:00", "returned reason=x");
    CHECK_STR(
        outcome("again", 1, "2026-03-05T10:00:00+08:00"),
        "met due=2026-03-05T17:30:00+08:00 stopped=2026-03-03T09:00:00+08:00");
    CHECK_STR(
        outcome("again", 2, "2026-03-05T10:00:00+08:00"),
        "running due=2026-03-10T17:30:00+08:00 stopped=-");
    CHECK_STR(
        outcome("on", 1, "2026-03-05T10:00:00+08:00"),
        "running due=2026-03-09T17:30:00+08:00 stopped=-");
}

static void the_gap_of_reopening_is_a_pause_even_without_pauses(void)
{
    begin();
    struct clock_rule *clock = world_clock(&world, "c", "10h");
    clock->on_reopen = ON_CONTINUE;
    clock->pause = false;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-02T10:00:00+08:00", "suspended reason=x");
    world_add(&world, "2026-03-02T12:00:00+08:00", "completed");
    world_add(&world, "2026-03-02T13:00:00+08:00", "reopened reason=x");
    CHECK_STR(
        outcome("c", 1, "2026-03-02T14:00:00+08:00"),
        "running due=2026-03-02T20:00:00+08:00 stopped=-");
}

static void a_fixed_due_is_not_moved_by_the_gap(void)
{
    begin();
    world_clock(&world, "c", NULL)->on_reopen = ON_CONTINUE;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED " due=2026-03-04");
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered");
    world_add(&world, "2026-03-06T09:00:00+08:00", "returned reason=x");
    CHECK_STR(
        outcome("c", 1, "2026-03-06T10:00:00+08:00"),
        "missed due=2026-03-04T17:30:00+08:00 stopped=-");
}

static void rules_of_the_start_stay_with_the_run(void)
{
    begin();
    static struct clock_rule newer;
    static struct ruleset set;
    static struct policy policy;
    static const struct policy *policies[2];
    newer = *world_clock(&world, "c", "5wd");
    newer.limit = world_duration("1wd");
    set = (struct ruleset){.clocks = &newer, .clock_count = 1};
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-02T10:00:00+08:00", "answered");
    struct event again = world_event(&world, "2026-03-02T11:00:00+08:00", "returned reason=x");
    again.rules_version = 2;
    world_add_event(&world, &again);
    (void)world_calendar(&world);
    policy = world.policy;
    policy.version = 2;
    policy.sets = &set;
    policies[0] = &world.policy;
    policies[1] = &policy;
    world.rulebook = (struct rulebook){policies, 2};
    world_add(&world, "2026-03-02T11:30:00+08:00", "answered");
    world_add(&world, "2026-03-02T11:40:00+08:00", "returned reason=x"); /* by version 0 again */
    CHECK_STR(
        outcome("c", 1, "2026-03-02T12:00:00+08:00"),
        "met due=2026-03-09T17:30:00+08:00 stopped=2026-03-02T10:00:00+08:00");
    CHECK_STR(
        outcome("c", 2, "2026-03-02T12:00:00+08:00"),
        "met due=2026-03-03T17:30:00+08:00 stopped=2026-03-02T11:30:00+08:00");
    CHECK_STR(
        outcome("c", 3, "2026-03-02T12:00:00+08:00"),
        "running due=2026-03-09T17:30:00+08:00 stopped=-");
    newer.family = text_of("renamed");
    again = world_event(&world, "2026-03-02T11:50:00+08:00", RECEIVED);
    again.rules_version = 2;
    world_add_event(&world, &again);
    CHECK_EQ(world_fold(&world, "2026-03-02T12:00:00+08:00")->run_count, 3);
}

static void a_continued_run_keeps_its_extension(void)
{
    begin();
    world_clock(&world, "c", "2wd")->on_reopen = ON_CONTINUE;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-02T10:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    world_add(&world, "2026-03-02T11:00:00+08:00", "answered");
    world_add(&world, "2026-03-02T12:00:00+08:00", "returned reason=x");
    CHECK_STR(
        outcome("c", 1, "2026-03-03T00:00:00+08:00"),
        "running due=2026-03-05T17:30:00+08:00 stopped=-");
}

static void a_missed_run_that_stopped_is_reopened_too(void)
{
    begin();
    (void)world_clock(&world, "again", "1wd");
    world_clock(&world, "on", "1wd")->on_reopen = ON_CONTINUE;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-05T09:00:00+08:00", "answered");
    world_add(&world, "2026-03-06T09:00:00+08:00", "returned reason=x");
    CHECK_STR(
        outcome("again", 2, "2026-03-06T10:00:00+08:00"),
        "running due=2026-03-09T17:30:00+08:00 stopped=-");
    CHECK_STR(
        outcome("on", 1, "2026-03-06T10:00:00+08:00"),
        "missed due=2026-03-03T17:30:00+08:00 stopped=-");
}

static void a_missed_run_that_still_runs_is_not_reopened(void)
{
    begin();
    (void)world_clock(&world, "c", "1wd");
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-06T09:00:00+08:00", "returned reason=x");
    CHECK_EQ(world_fold(&world, "2026-03-06T10:00:00+08:00")->run_count, 1);
}

static void the_next_run_reads_the_due_of_the_case_anew(void)
{
    begin();
    world_clock(&world, "c", NULL)->on_transfer = ON_RESTART;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED " due=2026-03-04");
    world_add(&world, "2026-03-02T10:00:00+08:00", "received due=2026-03-06");
    world_add(&world, "2026-03-03T09:00:00+08:00", "assigned unit=d2");
    CHECK_STR(
        outcome("c", 1, "2026-03-03T10:00:00+08:00"),
        "replaced due=2026-03-04T17:30:00+08:00 stopped=2026-03-03T09:00:00+08:00");
    CHECK_STR(
        outcome("c", 2, "2026-03-03T10:00:00+08:00"),
        "running due=2026-03-06T17:30:00+08:00 stopped=-");
}

static void an_event_that_stops_and_reopens_stops(void)
{
    static const struct text returned[] = {{"returned", 8}};
    begin();
    struct clock_rule *clock = world_clock(&world, "c", "5wd");
    clock->stop = returned;
    clock->stop_count = 1;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "returned reason=x");
    const struct case_state *state = world_fold(&world, "2026-03-03T10:00:00+08:00");
    CHECK_EQ(state->run_count, 1);
    CHECK_EQ(state->runs[0].outcome, RUN_MET);
}

static void withdrawn_as_a_stop_is_cancelled_all_the_same(void)
{
    static const struct text withdrawn[] = {{"withdrawn", 9}};
    begin();
    struct clock_rule *clock = world_clock(&world, "c", "5wd");
    clock->stop = withdrawn;
    clock->stop_count = 1;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-03T09:00:00+08:00", "withdrawn");
    CHECK_EQ(
        world_run(world_fold(&world, "2026-03-03T10:00:00+08:00"), "c", 1)->outcome, RUN_CANCELLED);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_stop_at_the_exact_due_time_is_met);
    CHECK_RUN(a_run_is_missed_only_after_due);
    CHECK_RUN(a_missed_run_stays_missed_whatever_comes);
    CHECK_RUN(a_late_event_turns_a_miss_into_met);
    CHECK_RUN(withdrawn_in_time_is_cancelled);
    CHECK_RUN(whoever_held_the_case_at_due_is_remembered);
    CHECK_RUN(one_clock_per_family_and_file_order_decides);
    CHECK_RUN(a_later_received_updates_attributes_and_may_start_what_did_not_match);
    CHECK_RUN(a_closed_case_starts_nothing_until_it_is_reopened);
    CHECK_RUN(the_event_that_starts_a_run_does_not_stop_it);
    CHECK_RUN(a_due_from_the_case_is_an_instant_or_the_end_of_a_date);
    CHECK_RUN(a_supervision_brings_its_own_due);
    CHECK_RUN(an_extension_adds_in_the_limits_own_unit_only);
    CHECK_RUN(until_makes_due_fixed);
    CHECK_RUN(extensions_are_counted_and_come_too_late_after_due);
    CHECK_RUN(a_transfer_restarts_with_the_plain_limit);
    CHECK_RUN(a_new_handler_or_a_transfer_at_the_start_changes_no_run);
    CHECK_RUN(a_missed_run_is_not_replaced);
    CHECK_RUN(reopening_restarts_or_continues);
    CHECK_RUN(the_gap_of_reopening_is_a_pause_even_without_pauses);
    CHECK_RUN(a_fixed_due_is_not_moved_by_the_gap);
    CHECK_RUN(rules_of_the_start_stay_with_the_run);
    CHECK_RUN(a_continued_run_keeps_its_extension);
    CHECK_RUN(a_missed_run_that_stopped_is_reopened_too);
    CHECK_RUN(a_missed_run_that_still_runs_is_not_reopened);
    CHECK_RUN(the_next_run_reads_the_due_of_the_case_anew);
    CHECK_RUN(an_event_that_stops_and_reopens_stops);
    CHECK_RUN(withdrawn_as_a_stop_is_cancelled_all_the_same);
    world_release(&world);
    return check_done();
}
