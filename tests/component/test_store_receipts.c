/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of the store, receipts: who waits and what was heard find each other whichever
 * comes first; what waits is made ready; nothing else is.
 */
#include <stdio.h>

#include "tests/support/check.h"
#include "tests/support/store_rig.h"

static struct store *store;
static int32_t ranks[STORE_BATCH_MAX];
static struct mail_name names[STORE_BATCH_MAX];
static struct arena kept;

static void answer_ranks(
    void *context, enum err err, const char *why, const int32_t *given, size_t count)
{
    struct store_answer *const answer = context;
    for (size_t index = 0; index < count; index++) {
        ranks[index] = given[index];
    }
    answer_plain(answer, err, why);
    answer->count = count;
}

static void answer_names(
    void *context, enum err err, const char *why, const struct mail_name *given, size_t count)
{
    struct store_answer *const answer = context;
    for (size_t index = 0; index < count; index++) {
        names[index] = (struct mail_name){
            .person = arena_text(&kept, given[index].person),
            .channel = arena_text(&kept, given[index].channel),
            .id = arena_text(&kept, given[index].id),
        };
    }
    answer_plain(answer, err, why);
    answer->count = count;
}

static struct mail_name name_of(const char *id)
{
    return (struct mail_name){
        .person = TEXT_LITERAL("li"), .channel = TEXT_LITERAL("sms"), .id = text_of(id)};
}

static int32_t await_one(const char *key, const char *id)
{
    const struct receipt_await await = {.key = text_of(key), .name = name_of(id)};
    STORE_DO(store_receipts_await(store, &await, 1, answer_ranks, &got));
    return CHECK_EQ(got.count, 1) ? ranks[0] : -1;
}

static struct mail_name note_one(const char *key, int32_t rank)
{
    const struct receipt_note note = {.key = text_of(key), .rank = rank};
    STORE_DO(store_receipts_note(store, &note, 1, answer_names, &got));
    (void)CHECK_EQ(got.count, 1);
    return names[0];
}

static void a_receipt_finds_who_waits_for_it(void)
{
    store = store_rig_open(rig, "notifier-1");
    CHECK_EQ(await_one("m:1", "1"), 0);
    const struct mail_name name = note_one("m:1", 3);
    CHECK(text_is(name.person, "li"));
    CHECK(text_is(name.channel, "sms"));
    CHECK(text_is(name.id, "1"));
    CHECK_EQ(await_one("m:1", "1"), 3);
    store_close(store);
}

static void who_comes_later_finds_the_receipt(void)
{
    store = store_rig_open(rig, "notifier-1");
    CHECK_EQ(note_one("g:9", 2).person.bytes, 0);
    CHECK_EQ(await_one("g:9", "1"), 2);
    CHECK(text_is(note_one("g:9", 1).id, "1"));
    store_close(store);
}

static void the_highest_rank_stays_in_any_order(void)
{
    static const int32_t orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {3, 3, 2}};
    store = store_rig_open(rig, "notifier-1");
    for (size_t order = 0; order < 4; order++) {
        const char key[] = {'k', (char)('0' + order), '\0'};
        for (size_t index = 0; index < 3; index++) {
            (void)note_one(key, orders[order][index]);
        }
        CHECK_EQ(await_one(key, "1"), 3);
    }
    store_close(store);
}

static void many_keys_are_answered_in_their_order(void)
{
    struct receipt_await awaits[STORE_BATCH_MAX];
    struct receipt_note notes[STORE_BATCH_MAX];
    char keys[STORE_BATCH_MAX][8];
    store = store_rig_open(rig, "notifier-1");
    for (size_t index = 0; index < STORE_BATCH_MAX; index++) {
        (void)snprintf(keys[index], sizeof keys[index], "k%zu", index);
        awaits[index].key = notes[index].key = text_of(keys[index]);
        awaits[index].name = name_of(keys[index]);
        notes[index].rank = (int32_t)(index % STORE_RECEIPT_RANK_MAX) + 1;
    }
    STORE_DO(store_receipts_note(store, notes, STORE_BATCH_MAX, answer_names, &got));
    STORE_DO(store_receipts_await(store, awaits, STORE_BATCH_MAX, answer_ranks, &got));
    CHECK_EQ(got.count, STORE_BATCH_MAX);
    for (size_t index = 0; index < STORE_BATCH_MAX; index++) {
        CHECK_EQ(ranks[index], notes[index].rank);
    }
    STORE_DO(store_receipts_note(store, notes, STORE_BATCH_MAX, answer_names, &got));
    for (size_t index = 0; index < STORE_BATCH_MAX; index++) {
        CHECK(text_is(names[index].id, keys[index]));
    }
    store_close(store);
}

static void put(const char *id, int64_t ready_ms)
{
    const struct mail_item item = {
        .person = TEXT_LITERAL("li"),
        .channel = TEXT_LITERAL("sms"),
        .id = text_of(id),
        .ready = {.ms = ready_ms},
        .entry = TEXT_LITERAL("{}"),
    };
    STORE_DO(store_mail_put(store, &item, 1, answer_flags, &got));
}

static size_t claim(int64_t now_ms)
{
    const int32_t home = store_partition_of(store, TEXT_LITERAL("li"));
    const struct wall_ms now = {.ms = now_ms};
    STORE_DO(store_mail_claim(store, home, now, 64, answer_mail_claim, &got));
    return got.mails.mail_count;
}

static void hurry(const char *id, int64_t now_ms)
{
    const struct mail_name name = name_of(id);
    const int32_t home = store_partition_of(store, name.person);
    STORE_DO(store_mail_hurry(
        store, home, &name, 1, (struct wall_ms){.ms = now_ms}, answer_plain, &got));
}

static void a_hurried_message_is_ready_and_no_other(void)
{
    store = store_rig_open(rig, "notifier-1");
    put("one", 900000);
    put("two", 900000);
    hurry("one", 2000);
    hurry("unknown", 2000);
    CHECK_EQ(claim(1999), 0);
    CHECK_EQ(claim(2000), 1);
    CHECK(text_is(got.mails.mails[0].id, "one"));
    hurry("one", 2001); /* claimed: it is in somebody's hands */
    CHECK_EQ(claim(2001), 0);
    CHECK_EQ(claim(900000), 1);
    store_close(store);
}

static void hurrying_delays_nothing(void)
{
    store = store_rig_open(rig, "notifier-1");
    put("one", 1000);
    hurry("one", 5000);
    CHECK_EQ(claim(1000), 1);
    store_close(store);
}

int main(int argc, char **argv)
{
    static const struct store_test tests[] = {
        STORE_TEST(a_receipt_finds_who_waits_for_it),
        STORE_TEST(who_comes_later_finds_the_receipt),
        STORE_TEST(the_highest_rank_stays_in_any_order),
        STORE_TEST(many_keys_are_answered_in_their_order),
        STORE_TEST(a_hurried_message_is_ready_and_no_other),
        STORE_TEST(hurrying_delays_nothing),
    };
    arena_init(&kept, 0);
    const int result = store_rig_main(tests, sizeof tests / sizeof tests[0], argc, argv);
    arena_release(&kept);
    return result;
}
