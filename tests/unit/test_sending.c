/* SPDX-License-Identifier: Apache-2.0 */
/* The sending control: stops by scope, brake and release, and its JSON. */
#include <stdio.h>

#include "config/sending.h"
#include "tests/support/check.h"

static struct arena arena;

static struct sending_stop stop_for(enum sending_scope scope, const char *name)
{
    return (struct sending_stop){
        .scope = scope,
        .name = text_of(name),
        .by = TEXT_LITERAL("li"),
        .note = TEXT_LITERAL("number changed"),
        .at = {.ms = 1000},
    };
}

static bool stopped(const struct sending *sending, const char *channel, const char *unit)
{
    const struct sending_question question = {.channel = text_of(channel), .unit = text_of(unit)};
    return sending_stopped(sending, &question) != NULL;
}

/* Written and read again. */
static struct sending through_json(const struct sending *sending)
{
    struct sending again;
    struct buf json;
    buf_init(&json, 65536);
    sending_write(sending, &json);
    CHECK_EQ(buf_error(&json), ERR_OK);
    sending_read(buf_view(&json), &arena, &again);
    buf_release(&json);
    return again;
}

static void nothing_is_stopped_by_an_empty_control(void)
{
    struct sending sending;
    sending_read((struct text){0}, &arena, &sending);
    CHECK(!sending.unreadable && !sending.brake.on && !sending.watch.on);
    CHECK(!stopped(&sending, "sms", "d01"));
}

static void a_stop_holds_what_it_names_and_nothing_else(void)
{
    struct sending sending = {0};
    const struct sending_stop sms = stop_for(SENDING_CHANNEL, "sms");
    const struct sending_stop unit = stop_for(SENDING_UNIT, "d02");
    CHECK_EQ(sending_stop(&sending, &sms), ERR_OK);
    CHECK_EQ(sending_stop(&sending, &unit), ERR_OK);
    CHECK_EQ(sending_stop(&sending, &unit), ERR_EXISTS);
    const struct sending again = through_json(&sending);
    CHECK_EQ(again.stop_count, 2);
    CHECK(stopped(&again, "sms", "d01"));
    CHECK(stopped(&again, "dingtalk", "d02"));
    CHECK(!stopped(&again, "dingtalk", "d01"));
    CHECK(!stopped(&again, "dingtalk", "sms"));
}

static void a_stop_of_all_holds_everything_until_it_is_lifted(void)
{
    struct sending sending = {0};
    const struct sending_stop all = stop_for(SENDING_ALL, "");
    const struct sending_stop sms = stop_for(SENDING_CHANNEL, "sms");
    CHECK_EQ(sending_stop(&sending, &all), ERR_OK);
    CHECK_EQ(sending_stop(&sending, &sms), ERR_OK);
    CHECK(stopped(&sending, "dingtalk", ""));
    CHECK_EQ(sending_resume(&sending, &all), ERR_OK);
    CHECK(!stopped(&sending, "dingtalk", ""));
    CHECK(stopped(&sending, "sms", "")); /* its own stop is lifted by name */
    CHECK_EQ(sending_resume(&sending, &all), ERR_NOT_FOUND);
    CHECK_EQ(sending_resume(&sending, &sms), ERR_OK);
    CHECK(!stopped(&sending, "sms", ""));
}

static void the_brake_ends_a_watch_and_is_released_by_resuming_all(void)
{
    struct sending sending = {
        .watch = {.on = true, .until = {.ms = 9}, .reason = TEXT_LITERAL("x"), .messages = 7}};
    const struct sending watched = through_json(&sending);
    CHECK(watched.watch.on && watched.watch.until.ms == 9 && watched.watch.messages == 7);
    sending_brake(&sending, TEXT_LITERAL("120 messages, usually 10"), (struct wall_ms){.ms = 5});
    const struct sending braked = through_json(&sending);
    CHECK(braked.brake.on && !braked.watch.on);
    CHECK(text_is(braked.brake.reason, "120 messages, usually 10"));
    const struct sending_stop all = stop_for(SENDING_ALL, "");
    CHECK_EQ(sending_resume(&sending, &all), ERR_OK);
    CHECK(!through_json(&sending).brake.on);
    CHECK_EQ(sending.act_count, 2);
    CHECK(text_is(sending.acts[1].what, "release"));
}

static void a_control_that_cannot_be_read_stops_everything(void)
{
    const char *const texts[] = {"x", "[]", "{\"stops\":[{\"scope\":\"unit:\"}]}", "{\"a\":1"};
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        struct sending sending;
        check_note("%s", texts[index]);
        sending_read(text_of(texts[index]), &arena, &sending);
        CHECK(stopped(&sending, "sms", "d01"));
        const struct sending_stop all = stop_for(SENDING_ALL, "");
        CHECK_EQ(sending_resume(&sending, &all), ERR_OK);
        CHECK(!stopped(&sending, "sms", "d01"));
    }
}

static void the_newest_acts_are_remembered(void)
{
    struct sending sending = {0};
    for (int round = 0; round < SENDING_ACTS_MAX; round++) {
        struct sending_stop all = stop_for(SENDING_ALL, "");
        all.at.ms = round;
        CHECK_EQ(sending_stop(&sending, &all), ERR_OK);
        CHECK_EQ(sending_resume(&sending, &all), ERR_OK);
    }
    const struct sending again = through_json(&sending);
    CHECK_EQ(again.act_count, SENDING_ACTS_MAX);
    CHECK_EQ(again.acts[SENDING_ACTS_MAX - 1].at.ms, SENDING_ACTS_MAX - 1);
    CHECK(text_is(again.acts[SENDING_ACTS_MAX - 1].what, "resume"));
}

static void scopes_are_read_or_refused(void)
{
    const char *const bad[] = {"", "al", "all:", "channel:", "unit:", "person:li"};
    enum sending_scope scope = SENDING_SCOPE_COUNT;
    struct text name = {0};
    struct err_why why = {0};
    for (size_t index = 0; index < sizeof(bad) / sizeof(bad[0]); index++) {
        check_note("%s", bad[index]);
        CHECK_EQ(sending_scope_read(text_of(bad[index]), &scope, &name, &why), ERR_PARSE);
        CHECK(why.text[0] != '\0');
    }
    CHECK_EQ(sending_scope_read(text_of("unit:d01"), &scope, &name, &why), ERR_OK);
    CHECK(scope == SENDING_UNIT && text_is(name, "d01"));
}

int main(void)
{
    arena_init(&arena, 0);
    CHECK_RUN(nothing_is_stopped_by_an_empty_control);
    CHECK_RUN(a_stop_holds_what_it_names_and_nothing_else);
    CHECK_RUN(a_stop_of_all_holds_everything_until_it_is_lifted);
    CHECK_RUN(the_brake_ends_a_watch_and_is_released_by_resuming_all);
    CHECK_RUN(a_control_that_cannot_be_read_stops_everything);
    CHECK_RUN(the_newest_acts_are_remembered);
    CHECK_RUN(scopes_are_read_or_refused);
    arena_release(&arena);
    return check_done();
}
