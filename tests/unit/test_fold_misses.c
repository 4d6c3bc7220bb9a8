/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waived, appealed, objected; again; reasons of pauses; acknowledgements that stages count from.
 * 2026-03-02 is a Monday.
 */
#include "rules/case.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

#define RECEIVED "received unit=d1 handler=d1-a"
#define LATER    "2026-03-10T09:00:00+08:00"

static struct rule_world world;
static struct clock_rule *rule;

/* One working day from Monday: missed on Tuesday 17:30. */
static void begin(void)
{
    world_release(&world);
    world_init(&world, WORLD_SHANGHAI);
    rule = world_clock(&world, "c", "1wd");
}

static const struct run *run_at(int32_t number, const char *now)
{
    return world_run(world_fold(&world, now), "c", number);
}

/* ---- waived, appealed ---- */

static bool waived_by(const char *words)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-04T09:00:00+08:00", words);
    return run_at(1, LATER)->waived;
}

static void a_miss_is_waived_with_a_reason_and_an_approval(void)
{
    CHECK(waived_by("waived clock=c reason=typhoon approved_by=ov-1"));
    CHECK(waived_by("waived clock=c run=1 reason=typhoon approved_by=ov-1"));
    CHECK(!waived_by("waived clock=c reason=typhoon"));
    CHECK(!waived_by("waived clock=c approved_by=ov-1"));
    CHECK(!waived_by("waived reason=typhoon approved_by=ov-1"));
    CHECK(!waived_by("waived clock=other reason=typhoon approved_by=ov-1"));
    CHECK(!waived_by("waived clock=c run=2 reason=typhoon approved_by=ov-1"));
    CHECK(!waived_by("waived clock=c run=one reason=typhoon approved_by=ov-1"));
    CHECK_EQ(run_at(1, LATER)->outcome, RUN_MISSED);
}

static void what_was_not_missed_by_then_cannot_be_waived(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(
        &world, "2026-03-03T17:30:00+08:00",
        "waived clock=c run=1 reason=typhoon approved_by=ov-1");
    CHECK(!run_at(1, LATER)->waived);
}

static void only_the_listed_reasons_waive(void)
{
    static const struct text reasons[] = {{"typhoon", 7}, {"court", 5}};
    begin();
    world.set.waive_reasons = reasons;
    world.set.waive_reason_count = 2;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-04T09:00:00+08:00", "waived clock=c reason=busy approved_by=ov-1");
    CHECK(!run_at(1, LATER)->waived);
    world_add(&world, "2026-03-05T09:00:00+08:00", "waived clock=c reason=court approved_by=ov-1");
    CHECK(run_at(1, LATER)->waived);
}

static void an_appeal_is_open_until_it_is_decided(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    CHECK_EQ(run_at(1, LATER)->appeal, APPEAL_NONE);
    world_add(&world, "2026-03-04T09:00:00+08:00", "appealed clock=c reason=x by=d1-a");
    CHECK_EQ(run_at(1, LATER)->appeal, APPEAL_OPEN);
    CHECK(!run_at(1, LATER)->waived);
    world_add(&world, "2026-03-04T10:00:00+08:00", "appealed clock=c result=rejected");
    CHECK_EQ(run_at(1, LATER)->appeal, APPEAL_OPEN); /* nobody approved that */
    world_add(
        &world, "2026-03-04T11:00:00+08:00", "appealed clock=c result=rejected approved_by=ov-1");
    CHECK_EQ(run_at(1, LATER)->appeal, APPEAL_REJECTED);
    world_add(&world, "2026-03-04T12:00:00+08:00", "appealed clock=c reason=x by=d1-a");
    world_add(&world, "2026-03-04T13:00:00+08:00", "waived clock=c reason=x approved_by=ov-1");
    CHECK_EQ(run_at(1, LATER)->appeal, APPEAL_GRANTED);
    world_add(&world, "2026-03-04T14:00:00+08:00", "appealed clock=c reason=x by=d1-a");
    CHECK_EQ(run_at(1, LATER)->appeal, APPEAL_GRANTED);
}

static void the_last_miss_is_meant_where_no_run_is_named(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-04T09:00:00+08:00", "completed");
    world_add(&world, "2026-03-04T10:00:00+08:00", "reopened");
    world_add(&world, "2026-03-04T11:00:00+08:00", "waived clock=c reason=x approved_by=ov-1");
    CHECK(run_at(1, LATER)->waived); /* the second was not missed by then */
    CHECK(!run_at(2, LATER)->waived);
}

/* ---- objected ---- */

static void an_objection_stands_until_somebody_rules(void)
{
    static const char *const ends[] = {
        "assigned unit=d2", "noted ruling=stays", "completed", "withdrawn"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        begin();
        world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
        world_add(&world, "2026-03-02T10:00:00+08:00", "objected by=d1-a");
        world_add(&world, "2026-03-02T11:00:00+08:00", "objected by=d1-b");
        world_add(&world, "2026-03-02T11:30:00+08:00", "noted text=read");
        const struct case_state *state = world_fold(&world, "2026-03-02T12:00:00+08:00");
        CHECK(state->objected);
        CHECK(text_is(state->objected_by, "d1-a"));
        CHECK_STR(world_text(&world, state->objected_at), "2026-03-02T10:00:00+08:00");
        world_add(&world, "2026-03-03T09:00:00+08:00", ends[i]);
        CHECK(!world_fold(&world, "2026-03-03T10:00:00+08:00")->objected);
    }
}

static void a_note_with_a_ruling_is_kept_and_others_are_not(void)
{
    begin();
    struct event event = world_event(&world, LATER, "noted ruling=stays");
    CHECK(!event_is_ledger_only(&event, &world.rulebook));
    event = world_event(&world, LATER, "noted text=x");
    CHECK(event_is_ledger_only(&event, &world.rulebook));
    event = world_event(&world, LATER, "inspected");
    CHECK(!event_is_ledger_only(&event, &world.rulebook));
    event = world_event(&world, LATER, "feedback");
    CHECK(event_is_ledger_only(&event, &world.rulebook));
    static const struct text stop[] = {{"feedback", 8}};
    rule->stop = stop;
    rule->stop_count = 1;
    CHECK(!event_is_ledger_only(&event, &world.rulebook));
}

/* ---- again ---- */

static void each_objection_has_a_run_of_its_own(void)
{
    static const struct text objected[] = {{"objected", 8}};
    static const struct text noted[] = {{"noted", 5}};
    begin();
    rule->again = true;
    rule->start = objected;
    rule->stop = noted;
    rule->stop_count = 1;
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-02T10:00:00+08:00", "objected");
    world_add(&world, "2026-03-02T11:00:00+08:00", "objected"); /* while it runs: nothing */
    CHECK_EQ(world_fold(&world, "2026-03-02T12:00:00+08:00")->run_count, 1);
    world_add(&world, "2026-03-02T13:00:00+08:00", "noted ruling=stays");
    world_add(&world, "2026-03-04T10:00:00+08:00", "objected");
    CHECK_STR(
        world_outcome(&world, run_at(2, "2026-03-04T12:00:00+08:00")),
        "running due=2026-03-05T17:30:00+08:00 stopped=-");
}

static void without_again_a_start_event_starts_once(void)
{
    begin();
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    world_add(&world, "2026-03-02T10:00:00+08:00", "answered");
    world_add(&world, "2026-03-02T11:00:00+08:00", RECEIVED);
    CHECK_EQ(world_fold(&world, "2026-03-02T12:00:00+08:00")->run_count, 1);
}

static void a_further_run_needs_a_date_of_its_own(void)
{
    static const struct text supervised[] = {{"supervised", 10}};
    begin();
    *rule = (struct clock_rule){0};
    world.set.clock_count = 0;
    rule = world_clock(&world, "c", NULL);
    rule->limit_path = text_of("reply_by");
    rule->start = supervised;
    rule->again = true;
    world_add(&world, "2026-03-02T09:00:00+08:00", "supervised reply_by=2026-03-04");
    world_add(&world, "2026-03-03T09:00:00+08:00", "answered");
    world_add(&world, "2026-03-03T10:00:00+08:00", "supervised");
    CHECK_EQ(world_fold(&world, "2026-03-03T11:00:00+08:00")->run_count, 1);
    world_add(&world, "2026-03-03T12:00:00+08:00", "supervised reply_by=2026-03-06");
    CHECK_STR(
        world_outcome(&world, run_at(2, "2026-03-03T13:00:00+08:00")),
        "running due=2026-03-06T17:30:00+08:00 stopped=-");
}

/* ---- reasons of pauses ---- */

static void only_the_listed_reasons_pause(void)
{
    static const struct text reasons[] = {{"papers", 6}};
    static const char *const words[] = {"suspended reason=other", "suspended"};
    for (size_t i = 0; i < 2; i++) {
        begin();
        rule->pause_reasons = reasons;
        rule->pause_reason_count = 1;
        world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
        world_add(&world, "2026-03-02T10:00:00+08:00", words[i]);
        world_add(&world, "2026-03-02T11:00:00+08:00", "suspended reason=papers");
        CHECK_EQ(run_at(1, "2026-03-02T12:00:00+08:00")->outcome, RUN_RUNNING);
        world_add(&world, "2026-03-02T13:00:00+08:00", "resumed");
        world_add(&world, "2026-03-02T14:00:00+08:00", "suspended reason=papers");
        CHECK_EQ(run_at(1, "2026-03-02T15:00:00+08:00")->outcome, RUN_PAUSED);
    }
}

/* ---- acknowledgements ---- */

static void a_stage_may_count_from_the_first_acknowledgement(void)
{
    begin();
    rule->limit = world_duration("5wd");
    (void)world_stage(&world, rule, "warn 1h", LIGHT_YELLOW, "handler");
    struct stage *again = world_stage(&world, rule, "again 1wd", LIGHT_YELLOW, "handler");
    again->at = (struct stage_at){.anchor = ANCHOR_ACKED, .duration = world_duration("1wd@09:00")};
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    struct case_plan plan = world_fire(&world, "2026-03-02T10:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "warn fired d1-a");
    CHECK_STR(world_text(&world, plan.next), "2026-03-09T17:30:00.001+08:00");
    world_add(&world, "2026-03-03T10:00:00+08:00", "acknowledged clock=other by=d1-a");
    world_add(&world, "2026-03-03T11:00:00+08:00", "acknowledged clock=c by=d1-a");
    world_add(&world, "2026-03-05T11:00:00+08:00", "acknowledged clock=c by=d1-a");
    plan = world_fire(&world, "2026-03-03T11:00:00+08:00");
    CHECK_STR(world_text(&world, plan.next), "2026-03-04T09:00:00+08:00");
    plan = world_fire(&world, "2026-03-04T09:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "again fired d1-a");
}

static void each_named_person_must_acknowledge(void)
{
    begin();
    rule->limit = world_duration("5wd");
    struct stage *nag = world_stage(&world, rule, "nag 1h", LIGHT_YELLOW, "handler unit_head");
    nag->if_acked = IF_ACKED_EACH;
    world_repeat(&world, nag, "every 2h", 0);
    world_add(&world, "2026-03-02T09:00:00+08:00", RECEIVED);
    struct case_plan plan = world_fire(&world, "2026-03-02T10:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "nag fired d1-a,d1-head");
    world_add(&world, "2026-03-02T11:00:00+08:00", "acknowledged clock=c by=d1-a");
    world_add(&world, "2026-03-02T11:30:00+08:00", "acknowledged clock=c by=d1-b");
    plan = world_fire(&world, "2026-03-02T12:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "nag fired d1-head");
    world_add(&world, "2026-03-02T13:00:00+08:00", "acknowledged clock=c by=d1-head");
    plan = world_fire(&world, "2026-03-02T14:00:00+08:00");
    CHECK_STR(world_firings(&world, &plan), "nag suppressed");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(a_miss_is_waived_with_a_reason_and_an_approval);
    CHECK_RUN(what_was_not_missed_by_then_cannot_be_waived);
    CHECK_RUN(only_the_listed_reasons_waive);
    CHECK_RUN(an_appeal_is_open_until_it_is_decided);
    CHECK_RUN(the_last_miss_is_meant_where_no_run_is_named);
    CHECK_RUN(an_objection_stands_until_somebody_rules);
    CHECK_RUN(a_note_with_a_ruling_is_kept_and_others_are_not);
    CHECK_RUN(each_objection_has_a_run_of_its_own);
    CHECK_RUN(without_again_a_start_event_starts_once);
    CHECK_RUN(a_further_run_needs_a_date_of_its_own);
    CHECK_RUN(only_the_listed_reasons_pause);
    CHECK_RUN(a_stage_may_count_from_the_first_acknowledgement);
    CHECK_RUN(each_named_person_must_acknowledge);
    world_release(&world);
    return check_done();
}
