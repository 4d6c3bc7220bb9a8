/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may go together, and in which windows: one person's messages, and those of a channel that
 * has one call for many people.
 */
#include "notifiers/digest.h"
#include "rules/acts.h"
#include "tests/support/check.h"

#define MINUTE_MS ((int64_t)60 * 1000)

static const struct channel_settings a_minute = {.digest_ms = MINUTE_MS};
static const struct channel_settings an_hour = {.digest_ms = 60 * MINUTE_MS};
static const struct channel_settings never = {.digest_ms = 0};

static struct digest_place place_of(
    const struct channel_settings *settings, const struct channel_type *type)
{
    return (struct digest_place){.settings = settings, .type = type};
}

static void windows_for_many_are_as_long_as_calls_are_apart(void)
{
    const struct digest_place one = place_of(&a_minute, &channel_wecom_app);
    const struct digest_place many = place_of(&a_minute, &channel_zwdd);
    const struct digest_place longer = place_of(&an_hour, &channel_zwdd);
    const struct digest_place unset = place_of(&never, &channel_zwdd);
    CHECK_EQ(digest_window(&one), MINUTE_MS);
    CHECK_EQ(digest_window(&many), 10 * MINUTE_MS);
    CHECK_EQ(digest_window(&longer), 60 * MINUTE_MS);
    CHECK_EQ(digest_window(&unset), 10 * MINUTE_MS);
}

static void what_is_urgent_or_an_act_waits_for_others_only_where_a_call_is_for_many(void)
{
    const struct digest_place one = place_of(&a_minute, &channel_wecom_app);
    const struct digest_place many = place_of(&never, &channel_zwdd);
    const struct mail_entry usual = {.clock = TEXT_LITERAL("reply")};
    const struct mail_entry urgent = {.clock = TEXT_LITERAL("reply"), .urgent = true};
    CHECK(digest_takes(&one, &usual));
    CHECK(digest_takes(&many, &usual));
    CHECK(!digest_takes(&one, &urgent));
    CHECK(digest_takes(&many, &urgent));
    const struct mail_entry act = {.clock = TEXT_LITERAL("act:urged")};
    CHECK(act_is_clock(act.clock));
    CHECK(!digest_takes(&one, &act));
    CHECK(digest_takes(&many, &act));
}

static void what_has_words_of_its_own_or_may_have_left_goes_alone_everywhere(void)
{
    const struct mail_entry alone[] = {
        {.kind = ENTRY_NOTICE},
        {.test = true},
        {.unsures = 1},
        {.accepted_at = {.ms = 1}},
    };
    for (size_t index = 0; index < sizeof(alone) / sizeof(alone[0]); index++) {
        const struct digest_place one = place_of(&a_minute, &channel_wecom_app);
        const struct digest_place many = place_of(&a_minute, &channel_zwdd);
        check_note("entry %zu", index);
        CHECK(!digest_takes(&one, &alone[index]));
        CHECK(!digest_takes(&many, &alone[index]));
    }
}

static void a_digest_with_something_urgent_in_it_is_urgent(void)
{
    const struct entry_member members[] = {
        {.id = TEXT_LITERAL("b"), .entry = {.receiver = TEXT_LITERAL("wu")}},
        {.id = TEXT_LITERAL("a"), .entry = {.receiver = TEXT_LITERAL("li"), .urgent = true}},
        {.id = TEXT_LITERAL("c"), .entry = {.receiver = TEXT_LITERAL("li")}},
    };
    struct arena arena;
    struct mail_entry digest;
    arena_init(&arena, 0);
    CHECK_EQ(digest_make(members, 3, &arena, &digest), ERR_OK);
    CHECK(digest.urgent);
    CHECK_EQ(digest.to.count, 2);
    CHECK_EQ(digest_make(members, 1, &arena, &digest), ERR_OK);
    CHECK(!digest.urgent);
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(windows_for_many_are_as_long_as_calls_are_apart);
    CHECK_RUN(what_is_urgent_or_an_act_waits_for_others_only_where_a_call_is_for_many);
    CHECK_RUN(what_has_words_of_its_own_or_may_have_left_goes_alone_everywhere);
    CHECK_RUN(a_digest_with_something_urgent_in_it_is_urgent);
    return check_done();
}
