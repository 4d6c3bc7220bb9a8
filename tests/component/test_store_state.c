/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of the store, the rest: applied configuration, heartbeats, the shared present
 * with its events, watchers, partitions.
 */
#include <stdio.h>

#include "tests/support/check.h"
#include "tests/support/store_rig.h"

#define NOTICES_MAX 20

static struct store *store;

static struct seen {
    bool any;
    int64_t clock_ms;
    int64_t config;
    int connected;
    int away;
    char published[64];
} seen;

static void on_clock(void *context, struct wall_ms now)
{
    (void)context;
    seen.clock_ms = now.ms;
    seen.any = true;
}

static void on_config(void *context, int64_t version)
{
    (void)context;
    seen.config = version;
    seen.any = true;
}

static void on_published(void *context, struct text body)
{
    (void)context;
    (void)snprintf(seen.published, sizeof seen.published, "%.*s", TEXT_ARGS(body));
    seen.any = true;
}

static void on_connected(void *context, bool connected)
{
    (void)context;
    seen.connected += connected;
    seen.away += !connected;
    seen.any = true;
}

static const struct store_watcher watcher = {
    .on_clock = on_clock,
    .on_config = on_config,
    .on_published = on_published,
    .on_connected = on_connected,
};

/* Until the watcher has been told something. */
static void await_notice(void)
{
    seen.any = false;
    CHECK(store_rig_pump(rig, &seen.any));
}

static void open_store(void)
{
    seen = (struct seen){0};
    store = store_rig_open(rig, "console-1");
}

static void apply(enum err expected, int64_t base_version, const char *bundle)
{
    STORE_DO_ERR(
        expected, store_config_apply(
                      store, base_version, text_of(bundle), TEXT_LITERAL("{\"k\":\"config\"}"),
                      answer_config, &got));
}

static void no_configuration_is_not_found(void)
{
    open_store();
    STORE_DO_ERR(ERR_NOT_FOUND, store_config_read(store, 0, answer_config, &got));
    store_close(store);
}

static void applied_versions_are_kept_and_the_newest_is_read(void)
{
    open_store();
    apply(ERR_OK, 0, "{\"one\":1}");
    CHECK_EQ(got.version, 1);
    apply(ERR_OK, 1, "{\"two\":2}");
    STORE_DO(store_config_read(store, 0, answer_config, &got));
    CHECK_EQ(got.version, 2);
    CHECK(text_is(got.bundle, "{\"two\":2}"));
    STORE_DO(store_config_read(store, 1, answer_config, &got));
    CHECK_EQ(got.version, 1);
    CHECK(text_is(got.bundle, "{\"one\":1}"));
    STORE_DO_ERR(ERR_NOT_FOUND, store_config_read(store, 3, answer_config, &got));
    store_close(store);
}

static void an_apply_over_another_version_conflicts_and_journals_nothing(void)
{
    open_store();
    apply(ERR_OK, 0, "a");
    apply(ERR_CONFLICT, 0, "b");
    apply(ERR_CONFLICT, 5, "b");
    STORE_DO(store_config_read(store, 0, answer_config, &got));
    CHECK(text_is(got.bundle, "a"));
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK_EQ(got.overview.partitions[0].journal, 1);
    store_close(store);
}

static void a_beating_instance_is_listed_until_its_time_is_over(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "monitor-1");
    STORE_DO(store_instance_beat(store, TEXT_LITERAL("{\"c\":1}"), 60000, answer_plain, &got));
    STORE_DO(store_instance_beat(other, TEXT_LITERAL("{\"m\":1}"), 100, answer_plain, &got));
    STORE_DO(store_instances_read(store, answer_instances, &got));
    CHECK_EQ(got.count, 2);
    STORE_DO(store_instance_beat(other, TEXT_LITERAL("{\"m\":2}"), 100, answer_plain, &got));
    store_rig_pass_lease(rig);
    STORE_DO(store_instance_beat(store, TEXT_LITERAL("{\"c\":2}"), 60000, answer_plain, &got));
    STORE_DO(store_instances_read(store, answer_instances, &got));
    CHECK_EQ(got.count, 1);
    CHECK(text_is(got.instances[0].name, "console-1"));
    CHECK(text_is(got.instances[0].json, "{\"c\":2}"));
    store_close(other);
    store_close(store);
}

static void move(int64_t now_ms, const struct store_item *items, size_t count)
{
    const struct wall_ms now = {.ms = now_ms};
    STORE_DO(store_clock_move(store, now, items, count, answer_add, &got));
    CHECK_EQ(got.count, count);
}

static void the_present_is_not_found_until_it_is_set_and_never_goes_back(void)
{
    open_store();
    STORE_DO_ERR(ERR_NOT_FOUND, store_clock_read(store, answer_clock, &got));
    move(5000, NULL, 0);
    STORE_DO(store_clock_read(store, answer_clock, &got));
    CHECK_EQ(got.now.ms, 5000);
    move(4000, NULL, 0);
    STORE_DO(store_clock_read(store, answer_clock, &got));
    CHECK_EQ(got.now.ms, 5000);
    store_close(store);
}

static void the_present_moves_together_with_its_events(void)
{
    const struct store_item items[] = {
        {.partition = 0, .arrived = {.ms = 7000}, .body = TEXT_LITERAL("a")},
        {.partition = rig->partitions - 1, .arrived = {.ms = 7000}, .body = TEXT_LITERAL("b")},
    };
    open_store();
    move(7000, items, 2);
    CHECK_GE(got.texts[0].bytes, 3);
    CHECK_GE(got.texts[1].bytes, 3);
    STORE_DO(store_clock_read(store, answer_clock, &got));
    CHECK_EQ(got.now.ms, 7000);
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 64, 0, answer_take, &got));
    CHECK_EQ(got.count, 2);
    CHECK_EQ(got.entries[0].arrived.ms, 7000);
    store_close(store);
}

static void watchers_hear_of_clock_and_configuration(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "monitor-1");
    store_watch(other, &watcher);
    await_notice();
    CHECK_EQ(seen.connected, 1);
    apply(ERR_OK, 0, "a");
    for (int i = 0; i < NOTICES_MAX && !seen.config; i++)
        await_notice();
    CHECK_EQ(seen.config, 1);
    move(9000, NULL, 0);
    for (int i = 0; i < NOTICES_MAX && !seen.clock_ms; i++)
        await_notice();
    CHECK_EQ(seen.clock_ms, 9000);
    CHECK_EQ(seen.away, 0);
    store_close(other);
    store_close(store);
}

static void a_late_watcher_hears_what_stands_already(void)
{
    open_store();
    apply(ERR_OK, 0, "a");
    move(9000, NULL, 0);
    store_watch(store, &watcher);
    for (int i = 0; i < NOTICES_MAX && !(seen.config && seen.clock_ms); i++)
        await_notice();
    CHECK_EQ(seen.config, 1);
    CHECK_EQ(seen.clock_ms, 9000);
    store_close(store);
}

static void the_text_of_a_version_is_replaced_where_it_is_as_expected(void)
{
    open_store();
    apply(ERR_OK, 0, "old");
    apply(ERR_OK, 1, "two");
    STORE_DO(store_config_replace(
        store, 1, TEXT_LITERAL("old"), TEXT_LITERAL("new"), answer_config, &got));
    STORE_DO(store_config_read(store, 1, answer_config, &got));
    CHECK(text_is(got.bundle, "new"));
    STORE_DO_ERR(
        ERR_CONFLICT,
        store_config_replace(
            store, 1, TEXT_LITERAL("old"), TEXT_LITERAL("newer"), answer_config, &got));
    STORE_DO_ERR(
        ERR_CONFLICT, store_config_replace(
                          store, 3, TEXT_LITERAL("old"), TEXT_LITERAL("new"), answer_config, &got));
    STORE_DO(store_config_read(store, 1, answer_config, &got));
    CHECK(text_is(got.bundle, "new"));
    STORE_DO(store_config_read(store, 0, answer_config, &got));
    CHECK_EQ(got.version, 2);
    CHECK(text_is(got.bundle, "two"));
    store_close(store);
}

static void watchers_hear_publications(void)
{
    open_store();
    store_watch(store, &watcher);
    await_notice();
    for (int i = 0; i < 500 && !seen.published[0]; i++) {
        if (rig->kind == RIG_MEMORY) {
            memory_world_publish(rig->world, TEXT_LITERAL("hello"));
            await_notice();
        } else {
            (void)redis_server_command(rig->server, "PUBLISH t:events hello");
            STORE_DO(store_overview_read(store, answer_overview, &got)); /* a turn of the loop */
        }
    }
    CHECK_STR(seen.published, "hello");
    store_close(store);
}

static void an_id_always_has_the_same_partition(void)
{
    static const struct {
        const char *id;
        int32_t of_3;
    } known[] = {{"", 2}, {"a", 1}, {"foobar", 0}, {"东阳", 2}};
    open_store();
    bool used[STORE_PARTITIONS_MAX] = {false};
    for (int i = 0; i < 100; i++) {
        char id[24];
        (void)snprintf(id, sizeof id, "case-%d", i);
        const int32_t partition = store_partition_of(store, text_of(id));
        CHECK(partition >= 0 && partition < rig->partitions);
        CHECK_EQ(store_partition_of(store, text_of(id)), partition);
        used[partition] = true;
    }
    for (int32_t p = 0; p < rig->partitions; p++)
        CHECK(used[p]);
    for (size_t i = 0; i < sizeof known / sizeof *known && rig->partitions == 3; i++)
        CHECK_EQ(store_partition_of(store, text_of(known[i].id)), known[i].of_3);
    CHECK_EQ(store_partitions(store), rig->partitions);
    store_close(store);
}

static void the_overview_says_what_redis_is(void)
{
    open_store();
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK_GE(got.overview.run_id.bytes, 6);
    CHECK_GE(got.overview.server.bytes, 3);
    CHECK(got.overview.durable);
    CHECK_EQ(got.overview.durable_why.bytes, 0);
    store_close(store);
}

static void close_in_answer(void *context, enum err err, const char *why)
{
    CHECK_EQ(err, ERR_OK);
    CHECK(why);
    store_close(store);
    *(bool *)context = true;
}

static void a_handle_may_be_closed_in_an_answer_and_then_answers_no_more(void)
{
    bool closed = false;
    struct store_answer late;
    struct store_answer waiting;
    store_answer_init(&late);
    store_answer_init(&waiting);
    open_store();
    store_queue_take(store, QUEUE_EVENTS, 64, 4000, answer_take, &waiting);
    store_journal_add(store, 0, TEXT_LITERAL("1"), close_in_answer, &closed);
    store_overview_read(store, answer_overview, &late);
    CHECK(store_rig_pump(rig, &closed));
    struct store *const other = store_rig_open(rig, "monitor-1");
    STORE_DO(store_overview_read(other, answer_overview, &got));
    CHECK_EQ(got.overview.partitions[0].journal, 1);
    CHECK(!late.done);
    CHECK(!waiting.done);
    store_close(other);
    store_answer_release(&late);
    store_answer_release(&waiting);
}

static void close_in_notice(void *context, bool connected)
{
    CHECK(connected);
    store_close(store);
    *(bool *)context = true;
}

static void a_handle_may_be_closed_by_its_watcher(void)
{
    bool closed = false;
    const struct store_watcher closing = {.on_connected = close_in_notice, .context = &closed};
    open_store();
    store_watch(store, &closing);
    CHECK(store_rig_pump(rig, &closed));
}

static const struct store_test tests[] = {
    STORE_TEST(no_configuration_is_not_found),
    STORE_TEST(applied_versions_are_kept_and_the_newest_is_read),
    STORE_TEST(an_apply_over_another_version_conflicts_and_journals_nothing),
    STORE_TEST(a_beating_instance_is_listed_until_its_time_is_over),
    STORE_TEST(the_present_is_not_found_until_it_is_set_and_never_goes_back),
    STORE_TEST(the_present_moves_together_with_its_events),
    STORE_TEST(watchers_hear_of_clock_and_configuration),
    STORE_TEST(a_late_watcher_hears_what_stands_already),
    STORE_TEST(the_text_of_a_version_is_replaced_where_it_is_as_expected),
    STORE_TEST(watchers_hear_publications),
    STORE_TEST(an_id_always_has_the_same_partition),
    STORE_TEST(the_overview_says_what_redis_is),
    STORE_TEST(a_handle_may_be_closed_in_an_answer_and_then_answers_no_more),
    STORE_TEST(a_handle_may_be_closed_by_its_watcher),
};

int main(int argc, char **argv)
{
    return store_rig_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
