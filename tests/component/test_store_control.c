/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of the store: the sending control, and waking what waits in mailboxes.
 */
#include <stdio.h>

#include "tests/support/check.h"
#include "tests/support/store_rig.h"

#define WAITING 1200 /* more than one call wakes */

static struct store *store;

static void answer_count(void *context, enum err err, const char *why, int64_t count)
{
    struct store_answer *const answer = context;
    answer_plain(context, err, why);
    answer->version = count;
}

static void write_control(enum err expected, int64_t base_revision, const char *text)
{
    const struct control_text control = {
        .text = text_of(text), .facts = TEXT_LITERAL("{\"k\":\"sending\"}")};
    STORE_DO_ERR(
        expected, store_control_write(store, base_revision, &control, answer_config, &got));
}

static void before_the_first_write_the_control_is_empty(void)
{
    store = store_rig_open(rig, "console-1");
    STORE_DO(store_control_read(store, answer_config, &got));
    CHECK_EQ(got.version, 0);
    CHECK_EQ(got.bundle.bytes, 0);
    store_close(store);
}

static void the_newest_text_is_read_and_each_write_is_journalled(void)
{
    store = store_rig_open(rig, "console-1");
    write_control(ERR_OK, 0, "{\"one\":1}");
    CHECK_EQ(got.version, 1);
    write_control(ERR_OK, 1, "{\"two\":2}");
    CHECK_EQ(got.version, 2);
    STORE_DO(store_control_read(store, answer_config, &got));
    CHECK_EQ(got.version, 2);
    CHECK(text_is(got.bundle, "{\"two\":2}"));
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK_EQ(got.overview.partitions[0].journal, 2);
    store_close(store);
}

static void a_write_over_another_one_conflicts_and_changes_nothing(void)
{
    store = store_rig_open(rig, "console-1");
    write_control(ERR_OK, 0, "a");
    write_control(ERR_CONFLICT, 0, "b");
    write_control(ERR_CONFLICT, 7, "b");
    STORE_DO(store_control_read(store, answer_config, &got));
    CHECK(text_is(got.bundle, "a"));
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK_EQ(got.overview.partitions[0].journal, 1);
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

static int64_t wake_all(int32_t partition, int64_t now_ms)
{
    int64_t woken = 0;
    do {
        STORE_DO(
            store_mail_wake(store, partition, (struct wall_ms){.ms = now_ms}, answer_count, &got));
        woken += got.version;
    } while (got.version > 0);
    return woken;
}

static void waiting_messages_are_woken_and_ready_ones_left_alone(void)
{
    store = store_rig_open(rig, "notifier-1");
    const int32_t partition = store_partition_of(store, TEXT_LITERAL("li"));
    put("early", 1000);
    put("soon", 5000);
    put("late", 900000);
    CHECK_EQ(wake_all(partition, 2000), 2);
    STORE_DO(store_mail_claim(
        store, partition, (struct wall_ms){.ms = 2000}, 10, answer_mail_claim, &got));
    CHECK_EQ(got.mails.mail_count, 3);
    CHECK_EQ(wake_all(partition, 2000), 0);
    store_close(store);
}

static void more_than_one_call_wakes_are_woken_by_asking_again(void)
{
    store = store_rig_open(rig, "notifier-1");
    const int32_t partition = store_partition_of(store, TEXT_LITERAL("li"));
    for (int index = 0; index < WAITING; index++) {
        char id[16];
        (void)snprintf(id, sizeof id, "m%d", index);
        put(id, 100000 + index);
    }
    CHECK_EQ(wake_all(partition, 10), WAITING);
    store_close(store);
}

static const struct store_test tests[] = {
    STORE_TEST(before_the_first_write_the_control_is_empty),
    STORE_TEST(the_newest_text_is_read_and_each_write_is_journalled),
    STORE_TEST(a_write_over_another_one_conflicts_and_changes_nothing),
    STORE_TEST(waiting_messages_are_woken_and_ready_ones_left_alone),
    STORE_TEST(more_than_one_call_wakes_are_woken_by_asking_again),
};

int main(int argc, char **argv)
{
    return store_rig_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
