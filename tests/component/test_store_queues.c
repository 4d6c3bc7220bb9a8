/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of the store, queues and journal: adding, taking, pending entries, waiting,
 * acknowledging; the journal's order and positions; "are these events committed".
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/store_rig.h"

#define POSITION_BYTES 64

static struct store *store;

static void open_store(void)
{
    store = store_rig_open(rig, "monitor-1");
}

static int32_t last_partition(void)
{
    return rig->partitions - 1;
}

static void add(enum store_queue queue, int32_t partition, const char *body, int64_t arrived_ms)
{
    const struct store_item item = {
        .partition = partition, .arrived = {.ms = arrived_ms}, .body = text_of(body)};
    STORE_DO(store_queue_add(store, queue, &item, 1, answer_add, &got));
    CHECK_EQ(got.count, 1);
}

static size_t take(struct store *by, enum store_queue queue, int64_t wait_ms)
{
    STORE_DO(store_queue_take(by, queue, 64, wait_ms, answer_take, &got));
    return got.count;
}

static bool entry_is(size_t index, const char *body, int32_t deliveries)
{
    return CHECK_GE(got.count, index + 1) && CHECK(text_is(got.entries[index].body, body)) &&
           CHECK_EQ(got.entries[index].deliveries, deliveries);
}

static void ack(enum store_queue queue, const struct store_entry *entry)
{
    const struct store_ack one = {.partition = entry->partition, .position = entry->position};
    STORE_DO(store_queue_ack(store, queue, &one, 1, answer_plain, &got));
}

static void an_entry_carries_partition_position_arrival_and_body(void)
{
    open_store();
    char position[POSITION_BYTES];
    add(QUEUE_EVENTS, last_partition(), "{\"a\":1}", 1234567890123);
    (void)snprintf(position, sizeof position, "%.*s", TEXT_ARGS(got.texts[0]));
    CHECK_EQ(take(store, QUEUE_EVENTS, 0), 1);
    entry_is(0, "{\"a\":1}", 1);
    CHECK_EQ(got.entries[0].partition, last_partition());
    CHECK(text_is(got.entries[0].position, position));
    CHECK_EQ(got.entries[0].arrived.ms, 1234567890123);
    store_close(store);
}

static void the_door_has_no_partition_and_no_arrival(void)
{
    open_store();
    add(QUEUE_DOOR, 0, "x", 5);
    CHECK_EQ(take(store, QUEUE_DOOR, 0), 1);
    entry_is(0, "x", 1);
    CHECK(got.entries[0].arrived.ms < 0);
    CHECK_EQ(got.entries[0].partition, 0);
    store_close(store);
}

static void entries_keep_their_order_and_their_bytes(void)
{
    static char big[60 * 1024];
    char bodies[20][8];
    struct store_item items[21];
    open_store();
    memset(big, 0xff, sizeof big);
    big[7] = '\0';
    for (size_t i = 0; i < 20; i++) {
        (void)snprintf(bodies[i], sizeof bodies[i], "%zu", i);
        items[i] = (struct store_item){.body = text_of(bodies[i])};
    }
    items[20] = (struct store_item){.body = {.ptr = big, .bytes = sizeof big}};
    STORE_DO(store_queue_add(store, QUEUE_EVENTS, items, 21, answer_add, &got));
    CHECK_EQ(got.count, 21);
    size_t seen = 0;
    while (seen < 21 && take(store, QUEUE_EVENTS, 0)) {
        for (size_t i = 0; i < got.count; i++, seen++)
            CHECK(text_equal(got.entries[i].body, items[seen].body));
    }
    CHECK_EQ(seen, 21);
    store_close(store);
}

static void items_of_all_partitions_get_their_own_positions(void)
{
    struct store_item items[600];
    size_t wrong = 0;
    open_store();
    for (size_t i = 0; i < 600; i++)
        items[i] = (struct store_item){
            .partition = (int32_t)i % rig->partitions, .body = TEXT_LITERAL("b")};
    STORE_DO(store_queue_add(store, QUEUE_EVENTS, items, 600, answer_add, &got));
    CHECK_EQ(got.count, 600);
    for (size_t i = (size_t)rig->partitions; i < got.count; i++) {
        if (got.texts[i].bytes == 0 ||
            text_equal(got.texts[i], got.texts[i - (size_t)rig->partitions]))
            wrong++;
    }
    CHECK_EQ(wrong, 0);
    size_t seen[3] = {0};
    while (take(store, QUEUE_EVENTS, 0)) {
        for (size_t i = 0; i < got.count; i++)
            seen[got.entries[i].partition]++;
    }
    for (int32_t p = 0; p < rig->partitions; p++)
        CHECK_EQ(seen[p], 600 / rig->partitions);
    store_close(store);
}

static void a_take_gives_no_more_than_asked(void)
{
    open_store();
    for (int i = 0; i < 7; i++)
        add(QUEUE_EVENTS, 0, "e", 0);
    STORE_DO(store_queue_take(store, QUEUE_EVENTS, 3, 0, answer_take, &got));
    CHECK_GE(3, got.count);
    CHECK_GE(got.count, 1);
    store_close(store);
}

static void a_taken_entry_is_not_taken_again_by_a_living_consumer(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "monitor-2");
    add(QUEUE_EVENTS, 0, "e", 0);
    CHECK_EQ(take(store, QUEUE_EVENTS, 0), 1);
    CHECK_EQ(take(store, QUEUE_EVENTS, 0), 0);
    CHECK_EQ(take(other, QUEUE_EVENTS, 0), 0);
    store_close(other);
    store_close(store);
}

static void a_restarted_consumer_gets_its_entries_first_and_knows_it_is_the_second_time(void)
{
    open_store();
    add(QUEUE_OUTBOX, 0, "old-1", 0);
    add(QUEUE_OUTBOX, last_partition(), "old-2", 0);
    CHECK_EQ(take(store, QUEUE_OUTBOX, 0), 2);
    store_close(store);
    open_store();
    add(QUEUE_OUTBOX, 0, "new", 0);
    size_t old = 0;
    size_t fresh = 0;
    while (take(store, QUEUE_OUTBOX, 0)) {
        for (size_t i = 0; i < got.count; i++) {
            const bool is_new = text_is(got.entries[i].body, "new");
            CHECK_EQ(got.entries[i].deliveries, is_new ? 1 : 2);
            old += !is_new;
            fresh += is_new;
        }
    }
    CHECK_EQ(old, 2);
    CHECK_EQ(fresh, 1);
    store_close(store);
}

static void a_restart_finds_more_entries_than_one_take_holds(void)
{
    open_store();
    for (int i = 0; i < 10; i++)
        add(QUEUE_EVENTS, 0, "e", 0);
    size_t count = 0;
    while (take(store, QUEUE_EVENTS, 0))
        count += got.count;
    CHECK_EQ(count, 10);
    store_close(store);
    open_store();
    count = 0;
    for (int turn = 0; turn < 20; turn++) {
        STORE_DO(store_queue_take(store, QUEUE_EVENTS, 3, 0, answer_take, &got));
        count += got.count;
    }
    CHECK_EQ(count, 10);
    store_close(store);
}

static void others_get_a_left_entry_only_after_the_lease(void)
{
    open_store();
    struct store *const other = store_rig_open(rig, "monitor-2");
    add(QUEUE_RECEIPTS, 0, "left", 0);
    CHECK_EQ(take(store, QUEUE_RECEIPTS, 0), 1);
    store_close(store);
    CHECK_EQ(take(other, QUEUE_RECEIPTS, 0), 0);
    store_rig_pass_lease(rig);
    CHECK_EQ(take(other, QUEUE_RECEIPTS, 0), 1);
    entry_is(0, "left", 2);
    store_close(other);
}

static void an_acknowledged_entry_is_gone_for_everybody(void)
{
    open_store();
    add(QUEUE_RECEIPTS, 0, "r", 0);
    add(QUEUE_RECEIPTS, last_partition(), "s", 0);
    CHECK_EQ(take(store, QUEUE_RECEIPTS, 0), 2);
    struct store_ack acks[2];
    for (size_t i = 0; i < 2; i++)
        acks[i] = (struct store_ack){
            .partition = got.entries[i].partition, .position = got.entries[i].position};
    STORE_DO(store_queue_ack(store, QUEUE_RECEIPTS, acks, 2, answer_plain, &got));
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK_EQ(got.overview.partitions[0].receipts, 0);
    store_close(store);
    open_store();
    CHECK_EQ(take(store, QUEUE_RECEIPTS, 0), 0);
    store_close(store);
}

static void a_door_entry_can_be_acknowledged(void)
{
    open_store();
    add(QUEUE_DOOR, 0, "d", 0);
    CHECK_EQ(take(store, QUEUE_DOOR, 0), 1);
    ack(QUEUE_DOOR, &got.entries[0]);
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK_EQ(got.overview.door, 0);
    store_close(store);
}

static void a_waiting_take_ends_with_the_first_entry(void)
{
    open_store();
    struct store *const producer = store_rig_open(rig, "console-1");
    struct store_answer added;
    store_answer_init(&added);
    const struct store_item item = {.partition = last_partition(), .body = TEXT_LITERAL("now")};
    CHECK_EQ(take(store, QUEUE_EVENTS, 0), 0);
    store_answer_clear(&got);
    store_queue_take(store, QUEUE_EVENTS, 64, 4000, answer_take, &got);
    store_queue_add(producer, QUEUE_EVENTS, &item, 1, answer_add, &added);
    CHECK(store_rig_wait(rig, &added, ERR_OK));
    CHECK(store_rig_wait(rig, &got, ERR_OK));
    CHECK_EQ(got.count, 1);
    entry_is(0, "now", 1);
    store_answer_release(&added);
    store_close(producer);
    store_close(store);
}

static void a_waiting_take_ends_empty_when_its_time_is_over(void)
{
    open_store();
    CHECK_EQ(take(store, QUEUE_EVENTS, 60), 0);
    CHECK_EQ(take(store, QUEUE_DOOR, 60), 0);
    store_close(store);
}

static void other_calls_do_not_wait_behind_a_waiting_take(void)
{
    open_store();
    struct store_answer waiting;
    store_answer_init(&waiting);
    store_queue_take(store, QUEUE_EVENTS, 64, 4000, answer_take, &waiting);
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK(!waiting.done);
    store_close(store);
    store_answer_release(&waiting);
}

static void journal_add(int32_t partition, const char *facts)
{
    STORE_DO(store_journal_add(store, partition, text_of(facts), answer_plain, &got));
}

static void the_journal_is_read_in_order_from_a_position(void)
{
    char last[STORE_PARTITIONS_MAX][POSITION_BYTES] = {{0}};
    struct text from[STORE_PARTITIONS_MAX] = {{0}};
    open_store();
    journal_add(0, "1");
    journal_add(0, "2,3");
    journal_add(0, "");
    STORE_DO(store_journal_read(store, from, 64, 0, answer_journal, &got));
    CHECK_EQ(got.count, 2);
    CHECK(text_is(got.journal[0].facts, "[1]"));
    CHECK(text_is(got.journal[1].facts, "[2,3]"));
    (void)snprintf(last[0], sizeof last[0], "%.*s", TEXT_ARGS(got.journal[1].position));
    from[0] = text_of(last[0]);
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK(text_equal(got.overview.partitions[0].journal_last, from[0]));
    STORE_DO(store_journal_read(store, from, 64, 30, answer_journal, &got));
    CHECK_EQ(got.count, 0);
    journal_add(last_partition(), "4");
    STORE_DO(store_journal_read(store, from, 64, 0, answer_journal, &got));
    CHECK_EQ(got.count, 1);
    CHECK_EQ(got.journal[0].partition, last_partition());
    CHECK(text_is(got.journal[0].facts, "[4]"));
    store_close(store);
}

static void a_waiting_journal_read_ends_with_the_first_entry(void)
{
    struct text from[STORE_PARTITIONS_MAX];
    struct store_answer read;
    open_store();
    for (size_t i = 0; i < STORE_PARTITIONS_MAX; i++)
        from[i] = TEXT_LITERAL("0-0");
    store_answer_init(&read);
    store_journal_read(store, from, 64, 4000, answer_journal, &read);
    journal_add(last_partition(), "{\"k\":\"x\"}");
    CHECK(store_rig_wait(rig, &read, ERR_OK));
    CHECK_EQ(read.count, 1);
    store_answer_release(&read);
    store_close(store);
}

static void an_empty_journal_ends_at_0_0(void)
{
    open_store();
    STORE_DO(store_overview_read(store, answer_overview, &got));
    CHECK(text_is(got.overview.partitions[0].journal_last, "0-0"));
    CHECK_EQ(got.overview.partitions[0].journal, 0);
    store_close(store);
}

static void events_are_settled_once_committed(void)
{
    char position[POSITION_BYTES];
    struct text asked[STORE_PARTITIONS_MAX] = {{0}};
    const int32_t p = last_partition();
    open_store();
    STORE_DO(store_events_settled(store, asked, answer_settled, &got));
    CHECK(got.settled);
    CHECK_EQ(got.count, rig->partitions);
    CHECK(text_is(got.texts[0], "0-0"));
    add(QUEUE_EVENTS, p, "e", 0);
    (void)snprintf(position, sizeof position, "%.*s", TEXT_ARGS(got.texts[0]));
    asked[p] = text_of(position);
    STORE_DO(store_events_settled(store, asked, answer_settled, &got));
    CHECK(!got.settled);
    CHECK_EQ(take(store, QUEUE_EVENTS, 0), 1);
    STORE_DO(store_events_settled(store, asked, answer_settled, &got));
    CHECK(!got.settled);
    const struct text acks[] = {asked[p]};
    const struct store_step step = {.acks = acks, .ack_count = 1, .facts = TEXT_LITERAL("1")};
    STORE_DO(store_commit(store, p, &step, 1, answer_commit, &got));
    add(QUEUE_EVENTS, p, "later", 0);
    STORE_DO(store_events_settled(store, asked, answer_settled, &got));
    CHECK(got.settled);
    CHECK(!text_is(got.texts[p], "0-0"));
    store_close(store);
}

static const struct store_test tests[] = {
    STORE_TEST(an_entry_carries_partition_position_arrival_and_body),
    STORE_TEST(the_door_has_no_partition_and_no_arrival),
    STORE_TEST(entries_keep_their_order_and_their_bytes),
    STORE_TEST(items_of_all_partitions_get_their_own_positions),
    STORE_TEST(a_take_gives_no_more_than_asked),
    STORE_TEST(a_taken_entry_is_not_taken_again_by_a_living_consumer),
    STORE_TEST(a_restarted_consumer_gets_its_entries_first_and_knows_it_is_the_second_time),
    STORE_TEST(a_restart_finds_more_entries_than_one_take_holds),
    STORE_TEST(others_get_a_left_entry_only_after_the_lease),
    STORE_TEST(an_acknowledged_entry_is_gone_for_everybody),
    STORE_TEST(a_door_entry_can_be_acknowledged),
    STORE_TEST(a_waiting_take_ends_with_the_first_entry),
    STORE_TEST(a_waiting_take_ends_empty_when_its_time_is_over),
    STORE_TEST(other_calls_do_not_wait_behind_a_waiting_take),
    STORE_TEST(the_journal_is_read_in_order_from_a_position),
    STORE_TEST(a_waiting_journal_read_ends_with_the_first_entry),
    STORE_TEST(an_empty_journal_ends_at_0_0),
    STORE_TEST(events_are_settled_once_committed),
};

int main(int argc, char **argv)
{
    return store_rig_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
