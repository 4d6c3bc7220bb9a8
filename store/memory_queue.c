/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's queues: adding, taking with pending entries, acknowledging; and the two calls that
 * look at queues as a whole, "are these events committed" and the move of the shared present.
 */
#include "base/must.h"
#include "store/memory.h"

struct memory_partition *memory_partition_of(const struct memory_call *call, int32_t partition)
{
    struct memory_world *const world = call->handle->world;
    MUST(partition >= 0 && partition < world->partition_count);
    return &world->partitions[partition];
}

static struct memory_stream *stream_of(
    const struct memory_call *call, enum store_queue queue, int32_t partition)
{
    if (queue == QUEUE_DOOR)
        return &call->handle->world->door;
    return &memory_partition_of(call, partition)->queues[queue];
}

/* ---- add, and the present with it ---- */

struct add_args {
    enum store_queue queue;
    struct store_item *items;
    size_t count;
    bool moves_clock;
    struct wall_ms now;
};

static void add_run(struct memory_call *call)
{
    const struct add_args *const args = call->args;
    struct text *const positions = memory_call_array(call, args->count, sizeof *positions);
    for (size_t i = 0; i < args->count; i++) {
        const struct store_item *const item = &args->items[i];
        struct memory_stream *const stream = stream_of(call, args->queue, item->partition);
        const struct wall_ms arrived =
            args->queue == QUEUE_DOOR ? (struct wall_ms){.ms = -1} : item->arrived;
        positions[i] = memory_call_position(call, memory_stream_add(stream, arrived, item->body));
    }
    call->result = positions;
    call->count = args->count;
    struct memory_world *const world = call->handle->world;
    if (args->moves_clock) {
        if (!world->has_clock || args->now.ms > world->clock.ms)
            world->clock = args->now;
        world->has_clock = true;
        memory_tell_all(world, memory_tell_clock);
    }
}

static void add_answer(struct memory_call *call)
{
    call->done.add(call->context, call->err, call->why, call->result, call->count);
}

static struct memory_call *add_create(
    struct store *store, const struct store_item *items, size_t count, void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct add_args), context);
    struct add_args *const args = call->args;
    args->items = memory_call_array(call, count, sizeof *items);
    args->count = count;
    for (size_t i = 0; i < count; i++) {
        args->items[i] = items[i];
        args->items[i].body = memory_call_text(call, items[i].body);
    }
    call->run = add_run;
    call->answer = add_answer;
    return call;
}

void memory_queue_add(
    struct store *store,
    enum store_queue queue,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context)
{
    struct memory_call *const call = add_create(store, items, count, context);
    ((struct add_args *)call->args)->queue = queue;
    call->done.add = done;
    memory_call_queue(call, LANE_MAIN);
}

void memory_clock_move(
    struct store *store,
    struct wall_ms now,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context)
{
    struct memory_call *const call = add_create(store, items, count, context);
    struct add_args *const args = call->args;
    args->queue = QUEUE_EVENTS;
    args->moves_clock = true;
    args->now = now;
    call->done.add = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- take ---- */

struct take_args {
    enum store_queue queue;
    size_t max;
};

static int32_t stream_count(const struct memory_call *call, enum store_queue queue)
{
    return queue == QUEUE_DOOR ? 1 : call->handle->world->partition_count;
}

static bool take_is_ready(const struct memory_call *call)
{
    const struct take_args *const args = call->args;
    const struct memory_handle *const handle = call->handle;
    const int64_t real_ms = handle->world->real_ms;
    if (call->wait_until_ms <= real_ms)
        return true;
    for (int32_t i = 0; i < stream_count(call, args->queue); i++) {
        const struct memory_stream *const stream = stream_of(call, args->queue, i);
        if (memory_stream_has(stream, &handle->readers[args->queue][i], handle->instance, real_ms))
            return true;
    }
    return false;
}

static void take_fill(
    struct memory_call *call,
    struct store_entry *ret_entry,
    int32_t partition,
    const struct memory_entry *entry)
{
    *ret_entry = (struct store_entry){
        .partition = partition,
        .position = memory_call_position(call, entry->number),
        .arrived = entry->arrived,
        .body = memory_call_text(call, entry->body),
        .deliveries = entry->deliveries,
    };
}

static void take_run(struct memory_call *call)
{
    const struct take_args *const args = call->args;
    struct memory_handle *const handle = call->handle;
    struct store_entry *const entries = memory_call_array(call, args->max, sizeof *entries);
    struct memory_entry *taken[STORE_TAKE_MAX];
    size_t count = 0;
    for (int32_t i = 0; i < stream_count(call, args->queue) && count < args->max; i++) {
        const size_t more = memory_stream_take(
            stream_of(call, args->queue, i), &handle->readers[args->queue][i], handle->instance,
            handle->world->real_ms, args->max - count, taken);
        for (size_t k = 0; k < more; k++)
            take_fill(call, &entries[count++], i, taken[k]);
    }
    call->result = entries;
    call->count = count;
}

/* What was handed out in the lost answer lies beyond the last number that was seen. */
static void take_lost(struct memory_call *call)
{
    const struct take_args *const args = call->args;
    const struct store_entry *const entries = call->result;
    for (size_t i = call->count; i-- > 0;) {
        const int32_t slot = args->queue == QUEUE_DOOR ? 0 : entries[i].partition;
        struct memory_reader *const reader = &call->handle->readers[args->queue][slot];
        const int64_t number = memory_position_parse(entries[i].position);
        reader->recovering = true;
        reader->seen = number <= reader->seen ? number - 1 : reader->seen;
    }
}

static void take_answer(struct memory_call *call)
{
    call->done.take(call->context, call->err, call->why, call->result, call->count);
}

void memory_queue_take(
    struct store *store,
    enum store_queue queue,
    size_t max,
    int64_t wait_ms,
    store_take_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct take_args), context);
    *(struct take_args *)call->args = (struct take_args){.queue = queue, .max = max};
    call->wait_until_ms = call->handle->world->real_ms + wait_ms;
    call->is_ready = take_is_ready;
    call->run = take_run;
    call->on_lost = take_lost;
    call->answer = take_answer;
    call->done.take = done;
    memory_call_queue(call, LANE_QUEUES + queue);
}

/* ---- acknowledge ---- */

struct ack_args {
    enum store_queue queue;
    int32_t *partitions;
    int64_t *numbers;
    size_t count;
};

static void ack_run(struct memory_call *call)
{
    const struct ack_args *const args = call->args;
    for (size_t i = 0; i < args->count; i++)
        memory_stream_remove(stream_of(call, args->queue, args->partitions[i]), args->numbers[i]);
}

static void plain_answer(struct memory_call *call)
{
    call->done.plain(call->context, call->err, call->why);
}

void memory_queue_ack(
    struct store *store,
    enum store_queue queue,
    const struct store_ack *acks,
    size_t count,
    store_plain_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct ack_args), context);
    struct ack_args *const args = call->args;
    args->queue = queue;
    args->count = count;
    args->partitions = memory_call_array(call, count, sizeof *args->partitions);
    args->numbers = memory_call_array(call, count, sizeof *args->numbers);
    for (size_t i = 0; i < count; i++) {
        args->partitions[i] = acks[i].partition;
        args->numbers[i] = memory_position_parse(acks[i].position);
    }
    call->run = ack_run;
    call->answer = plain_answer;
    call->done.plain = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- settled ---- */

struct settled_args {
    int64_t *numbers;
};

struct settled_result {
    bool settled;
    struct text *tails;
};

static void settled_run(struct memory_call *call)
{
    const struct settled_args *const args = call->args;
    const size_t count = (size_t)call->handle->world->partition_count;
    struct settled_result *const result = memory_call_array(call, 1, sizeof *result);
    result->settled = true;
    result->tails = memory_call_array(call, count, sizeof *result->tails);
    for (size_t i = 0; i < count; i++) {
        const struct memory_partition *const partition = memory_partition_of(call, (int32_t)i);
        const struct memory_entry *const oldest = partition->queues[QUEUE_EVENTS].first;
        if (oldest && oldest->number <= args->numbers[i])
            result->settled = false;
        result->tails[i] = memory_call_position(call, (int64_t)partition->journal.count);
    }
    call->result = result;
    call->count = count;
}

static void settled_answer(struct memory_call *call)
{
    const struct settled_result *const result = call->result;
    call->done.settled(
        call->context, call->err, call->why, result && result->settled,
        result ? result->tails : NULL, call->count);
}

void memory_events_settled(
    struct store *store, const struct text *positions, store_settled_done *done, void *context)
{
    struct memory_call *const call =
        memory_call_create(store, sizeof(struct settled_args), context);
    struct settled_args *const args = call->args;
    args->numbers = memory_call_array(call, (size_t)store->partitions, sizeof *args->numbers);
    for (int32_t i = 0; i < store->partitions; i++)
        args->numbers[i] = memory_position_parse(positions[i]);
    call->run = settled_run;
    call->answer = settled_answer;
    call->done.settled = done;
    memory_call_queue(call, LANE_MAIN);
}
