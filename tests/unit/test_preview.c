/* SPDX-License-Identifier: Apache-2.0 */
/* What a change would do to one case: dues, lights, misses and messages, told before it is made. */
#include <string.h>

#include "rules/preview.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

/* The old world holds the case; the new one brings rules, calendar and directory. */
static struct rule_world old_world;
static struct rule_world new_world;
static struct preview_room room;
static struct preview preview;

static void begin(const char *old_limit, const char *new_limit)
{
    struct rule_world *const worlds[] = {&old_world, &new_world};
    const char *const limits[] = {old_limit, new_limit};
    preview_room_release(&room);
    preview_room_init(&room);
    for (int i = 0; i < 2; i++) {
        world_release(worlds[i]);
        world_init(worlds[i], WORLD_SHANGHAI);
        worlds[i]->policy.version = i + 1;
        struct clock_rule *clock = world_clock(worlds[i], "reply", limits[i]);
        (void)world_stage(worlds[i], clock, "over due+0", LIGHT_RED, "handler unit_head");
    }
    old_world.policy.since = world_at("2026-01-01T00:00:00+08:00");
}

static void add(const char *at, const char *words)
{
    struct event event = world_event(&old_world, at, words);
    event.rules_version = 1;
    world_add_event(&old_world, &event);
}

static void ask(const char *now, const char *horizon, bool replan)
{
    static const struct text sms[] = {{"sms", 3}};
    const struct sms_channels channels = {.default_via = sms, .default_via_count = 1};
    const struct policy *const policies[] = {&old_world.policy, &new_world.policy};
    const struct rulebook before = {policies, 1};
    const struct rulebook after = {policies, 2};
    (void)world_calendar(&old_world);
    (void)world_calendar(&new_world);
    new_world.policy.since = world_at(now);
    const struct preview_question question = {
        .memory = &old_world.memory,
        .before = &before,
        .after = &after,
        .now = world_at(now),
        .horizon = world_at(horizon),
        .replan = replan,
        .channels = &channels,
    };
    CHECK_EQ(preview_case(&room, &question, &preview), ERR_OK);
}

static void put_state(struct buf *text, const struct preview_run_state *state)
{
    if (!state->exists) {
        buf_string(text, "-");
        return;
    }
    buf_format(
        text, "%s %s %.16s%s", run_outcome_name(state->outcome), light_name(state->light),
        state->has_due ? world_text(&old_world, state->due) : "-",
        state->provisional ? " provisional" : "");
}

static void put_message(struct buf *text, const struct preview_message *message)
{
    buf_format(
        text, "; %s %.*s %.16s", preview_change_name(message->change), TEXT_ARGS(message->stage),
        world_text(&old_world, message->instant));
    if (message->change == PREVIEW_MOVED)
        buf_format(text, " was %.16s", world_text(&old_world, message->was));
    for (size_t i = 0; i < message->to_count; i++)
        buf_format(text, " %.*s", TEXT_ARGS(message->to[i]));
}

/* "reply 1: running green DUE -> missed red DUE!; moved over AT was AT d1-a" a line a run. */
static const char *told(void)
{
    struct buf text;
    buf_init(&text, 65536);
    for (size_t i = 0; i < preview.run_count; i++) {
        const struct preview_run *run = &preview.runs[i];
        buf_format(&text, "%s%.*s %d: ", i > 0 ? "\n" : "", TEXT_ARGS(run->clock), run->number);
        put_state(&text, &run->before);
        buf_string(&text, " -> ");
        put_state(&text, &run->after);
        buf_string(&text, run->missed_only_by_change ? "!" : "");
        for (size_t m = 0; m < run->message_count; m++)
            put_message(&text, &run->messages[m]);
    }
    const char *kept = arena_string(&old_world.arena, buf_view(&text));
    buf_release(&text);
    return kept;
}

#define MONDAY    "2026-03-02T09:00:00+08:00"
#define TUESDAY   "2026-03-03T09:00:00+08:00"
#define MONTH_END "2026-03-31T00:00:00+08:00"

/* ---- replanned ---- */

static void a_shorter_limit_moves_due_and_message(void)
{
    begin("5wd", "3wd");
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask(TUESDAY, MONTH_END, true);
    CHECK_STR(
        told(), "reply 1: running green 2026-03-09T17:30 -> running green 2026-03-05T17:30"
                "; moved over 2026-03-05T17:30 was 2026-03-09T17:30 d1-a d1-head");
    CHECK_EQ(preview.running_count, 1);
    CHECK_EQ(preview.before.count, 1);
    CHECK_EQ(preview.after.count, 1);
    CHECK_EQ(preview.before.items[0].to_count, 2);
    CHECK(preview.before.items[0].is_sms);
}

static void what_is_missed_at_once_is_missed_only_by_the_change(void)
{
    begin("5wd", "1wd");
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask("2026-03-05T09:00:00+08:00", MONTH_END, true);
    CHECK_STR(
        told(), "reply 1: running green 2026-03-09T17:30 -> missed red 2026-03-03T17:30!"
                "; moved over 2026-03-03T17:30 was 2026-03-09T17:30 d1-a d1-head");
}

static void without_a_replan_running_runs_keep_their_rules(void)
{
    begin("5wd", "3wd");
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask(TUESDAY, MONTH_END, false);
    CHECK_STR(told(), "");
    CHECK_EQ(preview.after.count, 1);
}

static void what_was_missed_before_stays_as_it_was(void)
{
    begin("2wd", "5wd");
    add(MONDAY, "received unit=d1 handler=d1-a");
    (void)world_fire(&old_world, "2026-03-04T17:30:00+08:00");
    ask("2026-03-05T09:00:00+08:00", MONTH_END, true);
    CHECK_STR(told(), "");
    CHECK_EQ(preview.before.count, 0);
}

static void a_stage_that_is_new_or_gone_is_told_to_whom(void)
{
    begin("5wd", "5wd");
    (void)world_stage(&old_world, &old_world.clocks[0], "early 2d@09:00", LIGHT_YELLOW, "handler");
    (void)world_stage(&new_world, &new_world.clocks[0], "later 4d@09:00", LIGHT_YELLOW, "clerk");
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask(TUESDAY, MONTH_END, true);
    CHECK_STR(
        told(), "reply 1: running green 2026-03-09T17:30 -> running green 2026-03-09T17:30"
                "; gone early 2026-03-04T09:00 d1-a; new later 2026-03-06T09:00 d1-clerk");
}

static void other_people_of_an_alert_gain_or_lose_a_message(void)
{
    static const struct role head[] = {{.kind = ROLE_UNIT_HEAD}, {.kind = ROLE_CLERK}};
    begin("5wd", "5wd");
    new_world.stages[0][0].notify = head;
    new_world.stages[0][0].notify_count = 2;
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask(TUESDAY, MONTH_END, true);
    CHECK_STR(
        told(), "reply 1: running green 2026-03-09T17:30 -> running green 2026-03-09T17:30"
                "; gone over 2026-03-09T17:30 d1-a; new over 2026-03-09T17:30 d1-clerk");
}

static void what_comes_after_the_horizon_is_not_told(void)
{
    begin("5wd", "5wd");
    (void)world_stage(&new_world, &new_world.clocks[0], "late due+10d", LIGHT_RED, "handler");
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask(TUESDAY, "2026-03-09T17:29:59+08:00", true);
    CHECK_EQ(preview.before.count, 0);
    ask(TUESDAY, "2026-03-09T17:30:00+08:00", true);
    CHECK_EQ(preview.before.count, 1);
    CHECK_STR(told(), "");
}

static void a_settled_run_is_not_touched(void)
{
    begin("5wd", "1wd");
    add(MONDAY, "received unit=d1 handler=d1-a");
    add("2026-03-04T09:00:00+08:00", "completed");
    ask("2026-03-05T09:00:00+08:00", MONTH_END, true);
    CHECK_STR(told(), "");
    CHECK_EQ(preview.running_count, 0);
}

/* ---- the calendar and the directory ---- */

static void a_closure_moves_dues_without_a_replan(void)
{
    static const struct closure closures[] = {
        {.day = {20517}, .reason = {"typhoon", 7}}}; /* 2026-03-05 */
    begin("5wd", "5wd");
    new_world.spec.closures = closures;
    new_world.spec.closure_count = 1;
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask(TUESDAY, MONTH_END, false);
    CHECK_STR(
        told(), "reply 1: running green 2026-03-09T17:30 -> running green 2026-03-10T17:30"
                "; moved over 2026-03-10T17:30 was 2026-03-09T17:30 d1-a d1-head");
}

static void a_new_notice_makes_provisional_dues_firm(void)
{
    static const int32_t official[] = {2025, 2026};
    begin("5wd", "5wd");
    old_world.spec.official_years = new_world.spec.official_years = official;
    old_world.spec.official_year_count = 1;
    new_world.spec.official_year_count = 2;
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask(TUESDAY, MONTH_END, false);
    CHECK_STR(
        told(), "reply 1: running green 2026-03-09T17:30 provisional -> "
                "running green 2026-03-09T17:30");
}

/* ---- what has fired ---- */

static void a_repeat_whose_older_occurrences_nobody_remembers_rings_no_more_for_them(void)
{
    static const struct text to[] = {{"d1-a", 4}, {"d1-head", 7}};
    begin("1wd", "1wd");
    world_repeat(&old_world, &old_world.stages[0][0], "every 24h", 0);
    world_repeat(&new_world, &new_world.stages[0][0], "every 24h", 0);
    add(MONDAY, "received unit=d1 handler=d1-a");
    /* The ledger tells the last one alone; two before it had collapsed. */
    const struct fired last = {
        .clock = text_of("reply"),
        .run = 1,
        .stage = text_of("over"),
        .instant = world_at("2026-03-05T17:30:00+08:00"),
        .fired_at = world_at("2026-03-05T18:00:00+08:00"),
        .to = to,
        .to_count = 2,
    };
    CHECK(memory_add_fired(&old_world.memory, &old_world.arena, &last, 1));
    ask("2026-03-05T19:00:00+08:00", "2026-03-06T17:30:00+08:00", false);
    CHECK_STR(told(), "");
    CHECK_EQ(preview.before.count, 1);
    CHECK_EQ(preview.before.items[0].instant.ms, world_at("2026-03-06T17:30:00+08:00").ms);
}

static void the_memory_of_the_asker_stays_as_it_is(void)
{
    begin("5wd", "1wd");
    add(MONDAY, "received unit=d1 handler=d1-a");
    ask("2026-03-05T09:00:00+08:00", MONTH_END, true);
    CHECK_EQ(old_world.memory.event_count, 1);
    CHECK_EQ(old_world.memory.fired_count, 0);
    ask("2026-03-05T09:00:00+08:00", MONTH_END, true);
    CHECK_EQ(preview.run_count, 1);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    preview_room_init(&room);
    CHECK_RUN(a_shorter_limit_moves_due_and_message);
    CHECK_RUN(what_is_missed_at_once_is_missed_only_by_the_change);
    CHECK_RUN(without_a_replan_running_runs_keep_their_rules);
    CHECK_RUN(what_was_missed_before_stays_as_it_was);
    CHECK_RUN(a_stage_that_is_new_or_gone_is_told_to_whom);
    CHECK_RUN(other_people_of_an_alert_gain_or_lose_a_message);
    CHECK_RUN(what_comes_after_the_horizon_is_not_told);
    CHECK_RUN(a_settled_run_is_not_touched);
    CHECK_RUN(a_closure_moves_dues_without_a_replan);
    CHECK_RUN(a_new_notice_makes_provisional_dues_firm);
    CHECK_RUN(a_repeat_whose_older_occurrences_nobody_remembers_rings_no_more_for_them);
    CHECK_RUN(the_memory_of_the_asker_stays_as_it_is);
    preview_room_release(&room);
    world_release(&old_world);
    world_release(&new_world);
    return check_done();
}
