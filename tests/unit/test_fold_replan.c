/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replans of running runs (semantics section 4): version 1 has five working days, version 2 has
 * three, version 3 eight. 2026-03-02 is a Monday.
 */
#include "rules/explain.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

#define RECEIVED "received unit=d1 handler=d1-a"

static struct rule_world world;
static struct clock_rule *rule; /* of version 1 */
static struct clock_rule other_clocks[2];
static struct stage other_stages[2][WORLD_STAGES_MAX];
static struct ruleset other_sets[2];
static struct policy others[2];
static const struct policy *policies[3];

static void begin(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    rule = world_clock(&world, "c", "5wd");
    (void)world_stage(&world, rule, "warn due-1wd@09:00", LIGHT_YELLOW, "handler");
    (void)world_stage(&world, rule, "late due+0", LIGHT_RED, "unit_head");
}

/* The versions as the first now is, but for their limits; called when that is complete. */
static void apply_versions(void)
{
    static const char *const limits[] = {"3wd", "8wd"};
    world.policy.version = 1;
    world.policy.calendar = world_calendar(&world);
    policies[0] = &world.policy;
    for (int i = 0; i < 2; i++) {
        other_clocks[i] = *rule;
        other_clocks[i].limit = world_duration(limits[i]);
        for (size_t s = 0; s < rule->stage_count; s++)
            other_stages[i][s] = rule->stages[s];
        other_clocks[i].stages = other_stages[i];
        other_sets[i] = (struct ruleset){.clocks = &other_clocks[i], .clock_count = 1};
        others[i] = world.policy;
        others[i].version = i + 2;
        others[i].sets = &other_sets[i];
        policies[i + 1] = &others[i];
    }
    world.rulebook = (struct rulebook){.policies = policies, .policy_count = 3};
}

static void add(const char *at, const char *words)
{
    struct event event = world_event(&world, at, words);
    event.rules_version = 1;
    world_add_event(&world, &event);
}

static const struct run *run_at(const char *now)
{
    return world_run(world_fold(&world, now), "c", 1);
}

static const char *outcome(const char *now)
{
    return world_outcome(&world, run_at(now));
}

static void due_is_counted_anew_from_the_start(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_STR(
        outcome("2026-03-03T10:00:00+08:00"), "running due=2026-03-09T17:30:00+08:00 stopped=-");
    add("2026-03-03T11:00:00+08:00", "replanned version=2 replan=r1");
    CHECK_STR(
        outcome("2026-03-03T12:00:00+08:00"), "running due=2026-03-05T17:30:00+08:00 stopped=-");
    CHECK_EQ(run_at("2026-03-03T12:00:00+08:00")->policy->version, 2);
}

static void what_is_not_known_changes_nothing(void)
{
    static const char *const words[] = {
        "replanned version=9 replan=r1", "replanned replan=r1", "replanned version=x replan=r1",
        "replanned undo=r1 replan=r2"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        begin();
        apply_versions();
        add("2026-03-02T09:00:00+08:00", RECEIVED);
        add("2026-03-03T11:00:00+08:00", words[i]);
        CHECK_STR(
            outcome("2026-03-03T12:00:00+08:00"),
            "running due=2026-03-09T17:30:00+08:00 stopped=-");
    }
}

static void a_limit_of_another_kind_is_left_alone(void)
{
    begin();
    apply_versions();
    other_clocks[0].limit_from_case = true;
    other_clocks[1].recurs = true;
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T11:00:00+08:00", "replanned version=2 replan=r1");
    add("2026-03-03T12:00:00+08:00", "replanned version=3 replan=r2");
    CHECK_STR(
        outcome("2026-03-03T13:00:00+08:00"), "running due=2026-03-09T17:30:00+08:00 stopped=-");
}

static void an_extension_stands_and_must_fit_the_new_limit(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T09:00:00+08:00", "extended by=1wd approved_by=a reason=x");
    add("2026-03-03T11:00:00+08:00", "replanned version=2 replan=r1");
    CHECK_STR(
        outcome("2026-03-03T12:00:00+08:00"), "running due=2026-03-06T17:30:00+08:00 stopped=-");
    other_clocks[0].limit = world_duration("3d");
    CHECK_STR(
        outcome("2026-03-03T12:00:00+08:00"), "running due=2026-03-10T17:30:00+08:00 stopped=-");
}

static void a_due_given_by_an_extension_stays(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T09:00:00+08:00",
        "extended until=2026-03-20T17:00:00+08:00 approved_by=a reason=x");
    add("2026-03-03T11:00:00+08:00", "replanned version=2 replan=r1");
    CHECK_STR(
        outcome("2026-03-03T12:00:00+08:00"), "running due=2026-03-20T17:00:00+08:00 stopped=-");
}

static void a_run_that_has_ended_or_is_missed_is_left_alone(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-06T09:00:00+08:00", "answered");
    add("2026-03-06T10:00:00+08:00", "replanned version=2 replan=r1");
    CHECK_STR(
        outcome("2026-03-12T09:00:00+08:00"),
        "met due=2026-03-09T17:30:00+08:00 stopped=2026-03-06T09:00:00+08:00");
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-10T10:00:00+08:00", "replanned version=3 replan=r1");
    CHECK_STR(
        outcome("2026-03-10T11:00:00+08:00"), "missed due=2026-03-09T17:30:00+08:00 stopped=-");
    CHECK(!run_at("2026-03-10T11:00:00+08:00")->caused_by_rule_change);
}

static void a_due_before_the_replan_is_missed_and_caused_by_it(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-06T08:00:00+08:00", "assigned unit=d2");
    add("2026-03-06T09:00:00+08:00", "replanned version=2 replan=r1");
    const struct run *run = run_at("2026-03-06T10:00:00+08:00");
    CHECK_STR(world_outcome(&world, run), "missed due=2026-03-05T17:30:00+08:00 stopped=-");
    CHECK(run->caused_by_rule_change);
    CHECK(text_is(run->unit_at_due, "d1")); /* it held the case on the fifth */
    CHECK(run_at("2026-03-09T17:30:00+08:00")->caused_by_rule_change);
    CHECK(!run_at("2026-03-09T17:30:00.001+08:00")->caused_by_rule_change);
}

static void the_plan_wakes_when_the_change_is_no_longer_the_cause(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-06T09:00:00+08:00", "replanned version=2 replan=r1");
    (void)world_fire(&world, "2026-03-06T09:00:00+08:00");
    const struct case_plan plan = world_fire(&world, "2026-03-06T09:00:00+08:00");
    CHECK(plan.has_next);
    CHECK_STR(world_text(&world, plan.next), "2026-03-09T17:30:00.001+08:00");
}

static void stopped_in_time_by_the_first_rules_stays_caused_by_the_change(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-06T09:00:00+08:00", "replanned version=2 replan=r1");
    add("2026-03-09T17:30:00+08:00", "answered");
    CHECK(run_at("2026-03-20T10:00:00+08:00")->caused_by_rule_change);
}

static void an_undo_judges_again_what_the_replan_made_missed(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-06T09:00:00+08:00", "replanned version=2 replan=r1");
    add("2026-03-06T11:00:00+08:00", "answered");
    CHECK_EQ(run_at("2026-03-06T12:00:00+08:00")->outcome, RUN_MISSED);
    add("2026-03-07T09:00:00+08:00", "replanned undo=r1 replan=r2");
    CHECK_STR(
        outcome("2026-03-07T10:00:00+08:00"),
        "met due=2026-03-09T17:30:00+08:00 stopped=2026-03-06T11:00:00+08:00");
    CHECK(!run_at("2026-03-07T10:00:00+08:00")->caused_by_rule_change);
}

static void an_undo_takes_back_its_own_replan_alone(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T09:00:00+08:00", "replanned version=2 replan=r1");
    add("2026-03-03T10:00:00+08:00", "replanned version=3 replan=r2");
    add("2026-03-03T11:00:00+08:00", "replanned undo=r1 replan=r3");
    CHECK_EQ(run_at("2026-03-03T12:00:00+08:00")->policy->version, 3);
    add("2026-03-03T13:00:00+08:00", "replanned undo=r2 replan=r4");
    CHECK_EQ(run_at("2026-03-03T14:00:00+08:00")->policy->version, 1);
}

static void a_pause_is_asked_of_the_new_clock_for_the_past_too(void)
{
    begin();
    apply_versions();
    other_clocks[0].pause = false;
    other_clocks[1].has_pause_max = true;
    other_clocks[1].pause_max = world_duration("1wd");
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T09:00:00+08:00", "suspended reason=x");
    add("2026-03-05T09:00:00+08:00", "resumed"); /* two dates */
    CHECK_STR(
        outcome("2026-03-05T10:00:00+08:00"), "running due=2026-03-11T17:30:00+08:00 stopped=-");
    add("2026-03-05T11:00:00+08:00", "replanned version=3 replan=r1");
    CHECK_STR(
        outcome("2026-03-05T12:00:00+08:00"), "running due=2026-03-13T17:30:00+08:00 stopped=-");
    add("2026-03-05T13:00:00+08:00", "replanned version=2 replan=r2");
    CHECK_STR(
        outcome("2026-03-05T14:00:00+08:00"), "running due=2026-03-05T17:30:00+08:00 stopped=-");
}

static void an_open_pause_stays_open(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T09:00:00+08:00", "suspended reason=x");
    add("2026-03-04T09:00:00+08:00", "replanned version=2 replan=r1");
    CHECK_STR(outcome("2026-03-04T10:00:00+08:00"), "paused due=- stopped=-");
    add("2026-03-05T09:00:00+08:00", "resumed");
    CHECK_STR(
        outcome("2026-03-05T10:00:00+08:00"), "running due=2026-03-09T17:30:00+08:00 stopped=-");
}

static void the_gap_of_a_reopened_run_stays_a_gap(void)
{
    begin();
    rule->on_reopen = ON_CONTINUE;
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T09:00:00+08:00", "answered");
    add("2026-03-05T09:00:00+08:00", "reopened reason=x");
    add("2026-03-05T10:00:00+08:00", "replanned version=3 replan=r1");
    CHECK_STR(
        outcome("2026-03-05T11:00:00+08:00"), "running due=2026-03-16T17:30:00+08:00 stopped=-");
}

/* ---- what rings ---- */

static void stages_do_not_ring_again_for_what_is_past(void)
{
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    struct case_plan plan = world_fire(&world, "2026-03-06T09:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "warn fired d1-a");
    add("2026-03-06T10:00:00+08:00", "replanned version=2 replan=r1");
    plan = world_fire(&world, "2026-03-06T10:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "late fired d1-head"); /* never rang in this run */
    add("2026-03-06T11:00:00+08:00", "replanned version=3 replan=r2");
    plan = world_fire(&world, "2026-03-06T11:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "");
}

static void of_a_repeat_only_the_latest_past_one_rings_and_only_if_it_never_did(void)
{
    begin();
    struct stage *nag = world_stage(&world, rule, "nag due-1wd@09:00", LIGHT_YELLOW, "leader");
    world_repeat(&world, nag, "09:00 15:00", 0);
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    (void)world_fire(&world, "2026-03-02T09:00:00+08:00");
    add("2026-03-05T16:00:00+08:00", "replanned version=2 replan=r1");
    struct case_plan plan = world_fire(&world, "2026-03-05T16:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "warn fired d1-a; nag fired gov-head");
    CHECK_STR(
        world_text(&world, plan.firings[plan.firing_count - 1].fired.instant),
        "2026-03-05T15:00:00+08:00");
    add("2026-03-05T16:30:00+08:00", "replanned undo=r1 replan=r2");
    plan = world_fire(&world, "2026-03-05T16:30:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "");
    plan = world_fire(&world, "2026-03-06T09:00:00+08:00"); /* the first rules go on */
    CHECK_STR(world_firings(&world, &plan), "nag fired gov-head");
}

/* ---- recurring ---- */

static void a_recurring_run_is_due_at_the_first_time_not_before_the_replan(void)
{
    begin();
    rule->recurs = true;
    rule->recur_weekday[5] = true;
    rule->recur_second = 17 * 3600;
    rule->limit = (struct duration){0};
    apply_versions();
    other_clocks[0].limit = (struct duration){0};
    other_clocks[0].recur_weekday[5] = false;
    other_clocks[0].recur_weekday[2] = true;
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-04T09:00:00+08:00", "replanned version=2 replan=r1");
    CHECK_STR(
        outcome("2026-03-04T10:00:00+08:00"), "running due=2026-03-10T17:00:00+08:00 stopped=-");
    CHECK(run_at("2026-03-11T10:00:00+08:00")->outcome == RUN_MISSED);
    CHECK(!run_at("2026-03-11T10:00:00+08:00")->caused_by_rule_change);
}

/* ---- explanation ---- */

static void the_explanation_tells_the_replan(void)
{
    const struct explanation *all = NULL;
    size_t count = 0;
    bool told = false;
    begin();
    apply_versions();
    add("2026-03-02T09:00:00+08:00", RECEIVED);
    add("2026-03-03T09:00:00+08:00", "suspended reason=x");
    add("2026-03-04T09:00:00+08:00", "resumed");
    add("2026-03-04T10:00:00+08:00", "replanned version=2 replan=r1");
    const struct explain_question question = {
        .memory = &world.memory,
        .rulebook = &world.rulebook,
        .now = world_at("2026-03-04T11:00:00+08:00"),
    };
    CHECK_EQ(explain_case(&question, &world.arena, &all, &count), ERR_OK);
    CHECK_EQ(count, 1);
    for (size_t i = 0; i < all[0].line_count; i++) {
        const struct explain_line *line = &all[0].lines[i];
        told = told || (line->step == EXPLAIN_REPLANNED && line->n == 2);
    }
    CHECK(told);
    CHECK_STR(world_text(&world, all[0].due), "2026-03-06T17:30:00+08:00");
    CHECK_EQ(all[0].lines[all[0].line_count - 1].at.ms, all[0].due.ms);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(due_is_counted_anew_from_the_start);
    CHECK_RUN(what_is_not_known_changes_nothing);
    CHECK_RUN(a_limit_of_another_kind_is_left_alone);
    CHECK_RUN(an_extension_stands_and_must_fit_the_new_limit);
    CHECK_RUN(a_due_given_by_an_extension_stays);
    CHECK_RUN(a_run_that_has_ended_or_is_missed_is_left_alone);
    CHECK_RUN(a_due_before_the_replan_is_missed_and_caused_by_it);
    CHECK_RUN(the_plan_wakes_when_the_change_is_no_longer_the_cause);
    CHECK_RUN(stopped_in_time_by_the_first_rules_stays_caused_by_the_change);
    CHECK_RUN(an_undo_judges_again_what_the_replan_made_missed);
    CHECK_RUN(an_undo_takes_back_its_own_replan_alone);
    CHECK_RUN(a_pause_is_asked_of_the_new_clock_for_the_past_too);
    CHECK_RUN(an_open_pause_stays_open);
    CHECK_RUN(the_gap_of_a_reopened_run_stays_a_gap);
    CHECK_RUN(stages_do_not_ring_again_for_what_is_past);
    CHECK_RUN(of_a_repeat_only_the_latest_past_one_rings_and_only_if_it_never_did);
    CHECK_RUN(a_recurring_run_is_due_at_the_first_time_not_before_the_replan);
    CHECK_RUN(the_explanation_tells_the_replan);
    world_release(&world);
    return check_done();
}
