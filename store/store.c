/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door to the store: checks what the caller promised, then hands over to the implementation.
 * A broken promise here is a bug of ours, so these are MUSTs; bytes from outside never get here
 * unchecked.
 */
#include "store/store.h"

#include "base/must.h"
#include "store/store_ops.h"

/* FNV-1a: short enough for a foreign producer to write down, even enough for 64 partitions. */
int32_t store_hash_partition(struct text id, int32_t partitions)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < id.bytes; i++) {
        hash ^= (unsigned char)id.ptr[i];
        hash *= UINT64_C(0x100000001b3);
    }
    return (int32_t)(hash % (uint64_t)partitions);
}

int32_t store_partitions(const struct store *store)
{
    return store->partitions;
}

int32_t store_partition_of(const struct store *store, struct text id)
{
    return store_hash_partition(id, store->partitions);
}

static bool is_partition(const struct store *store, int32_t partition)
{
    return partition >= 0 && partition < store->partitions;
}

void store_close(struct store *store)
{
    if (store)
        store->ops->close(store);
}

void store_watch(struct store *store, const struct store_watcher *watcher)
{
    store->ops->watch(store, watcher);
}

void store_queue_add(
    struct store *store,
    enum store_queue queue,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context)
{
    MUST(queue < STORE_QUEUE_COUNT);
    store->ops->queue_add(store, queue, items, count, done, context);
}

void store_queue_take(
    struct store *store,
    enum store_queue queue,
    size_t max,
    int64_t wait_ms,
    store_take_done *done,
    void *context)
{
    MUST(queue < STORE_QUEUE_COUNT);
    MUST(max > 0);
    max = max < STORE_TAKE_MAX ? max : STORE_TAKE_MAX;
    store->ops->queue_take(store, queue, max, wait_ms, done, context);
}

void store_queue_ack(
    struct store *store,
    enum store_queue queue,
    const struct store_ack *acks,
    size_t count,
    store_plain_done *done,
    void *context)
{
    MUST(queue < STORE_QUEUE_COUNT);
    store->ops->queue_ack(store, queue, acks, count, done, context);
}

void store_cases_load(
    struct store *store,
    int32_t partition,
    const struct text *ids,
    size_t count,
    store_cases_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    store->ops->cases_load(store, partition, ids, count, done, context);
}

void store_commit(
    struct store *store,
    int32_t partition,
    const struct store_step *steps,
    size_t count,
    store_commit_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    MUST(count <= STORE_BATCH_MAX);
    store->ops->commit(store, partition, steps, count, done, context);
}

void store_timers_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    bool when_idle,
    store_claim_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    MUST(max > 0);
    max = max < STORE_CLAIM_MAX ? max : STORE_CLAIM_MAX;
    store->ops->timers_claim(store, partition, now, max, when_idle, done, context);
}

void store_mail_put(
    struct store *store,
    const struct mail_item *items,
    size_t count,
    store_put_done *done,
    void *context)
{
    MUST(count <= STORE_BATCH_MAX);
    store->ops->mail_put(store, items, count, done, context);
}

void store_mail_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    store_mail_claim_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    MUST(max > 0);
    max = max < STORE_CLAIM_MAX ? max : STORE_CLAIM_MAX;
    store->ops->mail_claim(store, partition, now, max, done, context);
}

void store_mail_mark(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    store_mark_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    MUST(count <= STORE_BATCH_MAX);
    store->ops->mail_mark(store, partition, names, count, done, context);
}

void store_mail_settle(
    struct store *store,
    int32_t partition,
    const struct mail_settle *settles,
    size_t count,
    store_mark_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    MUST(count <= STORE_BATCH_MAX);
    store->ops->mail_settle(store, partition, settles, count, done, context);
}

void store_mail_merge(
    struct store *store,
    int32_t partition,
    const struct mail_merge *merge,
    store_mark_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    MUST(merge->part_count > 0 && merge->part_count <= STORE_GATHER_MAX);
    store->ops->mail_merge(store, partition, merge, done, context);
}

void store_throttle_take(
    struct store *store,
    struct text channel,
    struct wall_ms now,
    const struct throttle_ask *asks,
    size_t count,
    store_throttle_done *done,
    void *context)
{
    MUST(count <= STORE_BATCH_MAX);
    for (size_t i = 0; i < count; i++)
        MUST(asks[i].limit_count <= STORE_LIMITS_MAX);
    store->ops->throttle_take(store, channel, now, asks, count, done, context);
}

void store_throttle_close(
    struct store *store,
    struct text channel,
    struct text mailbox,
    struct wall_ms until,
    store_plain_done *done,
    void *context)
{
    store->ops->throttle_close(store, channel, mailbox, until, done, context);
}

void store_journal_read(
    struct store *store,
    const struct text *positions,
    size_t max,
    int64_t wait_ms,
    store_journal_done *done,
    void *context)
{
    MUST(max > 0);
    max = max < STORE_TAKE_MAX ? max : STORE_TAKE_MAX;
    store->ops->journal_read(store, positions, max, wait_ms, done, context);
}

void store_journal_add(
    struct store *store,
    int32_t partition,
    struct text facts,
    store_plain_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    store->ops->journal_add(store, partition, facts, done, context);
}

void store_overview_read(struct store *store, store_overview_done *done, void *context)
{
    store->ops->overview_read(store, done, context);
}

void store_events_settled(
    struct store *store, const struct text *positions, store_settled_done *done, void *context)
{
    store->ops->events_settled(store, positions, done, context);
}

void store_config_read(struct store *store, int64_t version, store_config_done *done, void *context)
{
    store->ops->config_read(store, version, done, context);
}

void store_config_apply(
    struct store *store,
    int64_t base_version,
    struct text bundle,
    struct text facts,
    store_config_done *done,
    void *context)
{
    store->ops->config_apply(store, base_version, bundle, facts, done, context);
}

void store_config_replace(
    struct store *store,
    int64_t version,
    struct text from,
    struct text to,
    store_config_done *done,
    void *context)
{
    store->ops->config_replace(store, version, from, to, done, context);
}

void store_instance_beat(
    struct store *store, struct text json, int64_t ttl_ms, store_plain_done *done, void *context)
{
    store->ops->instance_beat(store, json, ttl_ms, done, context);
}

void store_instances_read(struct store *store, store_instances_done *done, void *context)
{
    store->ops->instances_read(store, done, context);
}

void store_clock_read(struct store *store, store_clock_done *done, void *context)
{
    store->ops->clock_read(store, done, context);
}

void store_clock_move(
    struct store *store,
    struct wall_ms now,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context)
{
    store->ops->clock_move(store, now, items, count, done, context);
}

void store_mail_wake(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    store_count_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    store->ops->mail_wake(store, partition, now, done, context);
}

void store_control_read(struct store *store, store_config_done *done, void *context)
{
    store->ops->control_read(store, done, context);
}

void store_control_write(
    struct store *store,
    int64_t base_revision,
    const struct control_text *control,
    store_config_done *done,
    void *context)
{
    store->ops->control_write(store, base_revision, control, done, context);
}

void store_receipts_await(
    struct store *store,
    const struct receipt_await *awaits,
    size_t count,
    store_receipts_await_done *done,
    void *context)
{
    MUST(count <= STORE_BATCH_MAX);
    store->ops->receipts_await(store, awaits, count, done, context);
}

void store_receipts_note(
    struct store *store,
    const struct receipt_note *notes,
    size_t count,
    store_receipts_note_done *done,
    void *context)
{
    MUST(count <= STORE_BATCH_MAX);
    for (size_t index = 0; index < count; index++) {
        MUST(notes[index].rank > 0 && notes[index].rank <= STORE_RECEIPT_RANK_MAX);
    }
    store->ops->receipts_note(store, notes, count, done, context);
}

void store_mail_hurry(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    struct wall_ms now,
    store_plain_done *done,
    void *context)
{
    MUST(is_partition(store, partition));
    MUST(count <= STORE_BATCH_MAX);
    store->ops->mail_hurry(store, partition, names, count, now, done, context);
}
