/* SPDX-License-Identifier: Apache-2.0 */
/* Acts of oversight: who is told of an urging or a supervision, and when nobody is. */
#include <stdio.h>
#include <string.h>

#include "rules/acts.h"
#include "tests/support/check.h"
#include "tests/support/rule_world.h"

static struct rule_world world;
static struct role to[2];
static struct role copies[1];

static void begin(void)
{
    world_init(&world, WORLD_SHANGHAI);
    (void)world_clock(&world, "reply", "5wd");
    to[0] = (struct role){.kind = ROLE_HANDLER};
    to[1] = (struct role){.kind = ROLE_UNIT_HEAD};
    copies[0] = (struct role){.kind = ROLE_UP, .levels = 1};
    world.set.acts[ACT_URGED] = (struct act_rule){
        .given = true, .to = to, .to_count = 2, .template_id = TEXT_LITERAL("urged")};
    world.set.acts[ACT_SUPERVISED] = (struct act_rule){
        .given = true,
        .to = to,
        .to_count = 2,
        .copy_to = copies,
        .copy_count = 1,
        .template_id = TEXT_LITERAL("supervised"),
        .send = SEND_NOW};
    world_add(&world, "2026-03-02T10:00:00+08:00", "received unit=d1 handler=d1-a title=well");
}

static bool sends(
    const struct case_state *state,
    const struct event *event,
    struct wall_ms now,
    struct firing *ret_firing)
{
    const struct act_question question = {
        .state = state, .event = event, .rulebook = &world.rulebook, .now = now};
    bool sends = false;
    CHECK_EQ(act_firing(&question, &world.arena, &sends, ret_firing), ERR_OK);
    return sends;
}

/* The people told of that event at that moment, joined by spaces; "-" when it is not sent. */
static const char *told(const char *now, const char *words, struct firing *ret_firing)
{
    static char names[256];
    struct event event = world_event(&world, now, words);
    const bool sent = sends(world_fold(&world, now), &event, world_at(now), ret_firing);
    (void)snprintf(names, sizeof(names), "%s", sent ? "" : "-");
    for (size_t i = 0; sent && i < ret_firing->fired.to_count; i++) {
        const size_t bytes = strlen(names);
        (void)snprintf(
            names + bytes, sizeof(names) - bytes, "%s%.*s", bytes > 0 ? " " : "",
            TEXT_ARGS(ret_firing->fired.to[i]));
    }
    return names;
}

static void urging_tells_handler_and_head(void)
{
    struct firing firing;
    begin();
    CHECK_STR(
        told("2026-03-03T09:00:00+08:00", "urged by=ov-1 text=soon", &firing), "d1-a d1-head");
    CHECK(text_is(firing.fired.clock, "act:urged"));
    CHECK(text_is(firing.stage->title, "soon"));
    CHECK(firing.run->has_due); /* of the clock that runs */
    CHECK_EQ(firing.run->due.ms, world_at("2026-03-09T17:30:00+08:00").ms);
    world_release(&world);
}

static void copies_go_to_whom_rule_and_event_name(void)
{
    struct firing firing;
    begin();
    CHECK_STR(
        told(
            "2026-03-03T09:00:00+08:00", "supervised by=ov-1 copy_to=ov-2,d2,nobody,up:1", &firing),
        "d1-a d1-head d2-head gov-head ov-2");
    world_release(&world);
}

static void a_reply_by_is_the_due_of_the_act(void)
{
    struct firing firing;
    begin();
    (void)told("2026-03-03T09:00:00+08:00", "supervised reply_by=2026-03-05", &firing);
    CHECK_EQ(firing.run->due.ms, world_at("2026-03-05T17:30:00+08:00").ms);
    world_release(&world);
}

static void the_same_event_is_the_same_alert(void)
{
    struct firing first;
    struct firing second;
    begin();
    struct event event = world_event(&world, "2026-03-03T09:00:00+08:00", "urged by=ov-1");
    const struct case_state *state = world_fold(&world, "2026-03-03T09:00:00+08:00");
    CHECK(sends(state, &event, world_at("2026-03-03T09:00:00+08:00"), &first));
    CHECK(sends(state, &event, world_at("2026-03-03T09:20:00+08:00"), &second));
    CHECK(text_equal(first.fired.stage, second.fired.stage));
    CHECK_EQ(first.fired.instant.ms, second.fired.instant.ms);
    world_release(&world);
}

static void nobody_is_told_without_a_rule_of_an_old_act_or_a_closed_case(void)
{
    struct firing firing;
    begin();
    world.set.acts[ACT_URGED].given = false;
    CHECK_STR(told("2026-03-03T09:00:00+08:00", "urged by=ov-1", &firing), "-");
    CHECK_STR(told("2026-03-03T09:00:00+08:00", "noted text=x", &firing), "-");
    world.set.acts[ACT_URGED].given = true;
    struct event old = world_event(&world, "2026-03-03T09:00:00+08:00", "urged by=ov-1");
    old.arrived = world_at("2026-03-03T10:00:00.001+08:00");
    const struct case_state *state = world_fold(&world, "2026-03-03T10:01:00+08:00");
    CHECK(!sends(state, &old, old.arrived, &firing));
    world_add(&world, "2026-03-03T11:00:00+08:00", "completed");
    CHECK_STR(told("2026-03-03T12:00:00+08:00", "urged by=ov-1", &firing), "-");
    world_release(&world);
}

static void a_message_of_an_act_is_wanted_until_the_case_is_closed(void)
{
    const struct wanted_question question = {
        .clock = TEXT_LITERAL("act:urged"),
        .stage = TEXT_LITERAL("/oa#9"),
        .instant = world_at("2026-03-03T09:00:00+08:00"),
        .person = TEXT_LITERAL("d1-head"),
    };
    begin();
    const struct case_state *state = world_fold(&world, "2026-03-03T09:00:00+08:00");
    CHECK_EQ(case_still_wanted(state, &world.rulebook, &question, &world.arena), WANTED);
    world_add(&world, "2026-03-03T11:00:00+08:00", "completed");
    state = world_fold(&world, "2026-03-03T12:00:00+08:00");
    CHECK_EQ(
        case_still_wanted(state, &world.rulebook, &question, &world.arena), NOT_WANTED_SETTLED);
    world_release(&world);
}

int main(void)
{
    CHECK_RUN(urging_tells_handler_and_head);
    CHECK_RUN(copies_go_to_whom_rule_and_event_name);
    CHECK_RUN(a_reply_by_is_the_due_of_the_act);
    CHECK_RUN(the_same_event_is_the_same_alert);
    CHECK_RUN(nobody_is_told_without_a_rule_of_an_old_act_or_a_closed_case);
    CHECK_RUN(a_message_of_an_act_is_wanted_until_the_case_is_closed);
    return check_done();
}
