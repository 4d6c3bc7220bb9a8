/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding to queues and acknowledging, in one function call for each partition (and for each so
 * many items); and the two calls that look at all partitions' events.
 */
#include "base/must.h"
#include "store/redis_store.h"

#define ITEMS_A_CALL 256

/* ---- add ---- */

struct add_part {
    size_t *items; /* which of the caller's */
    size_t count;
};

struct add_state {
    struct add_part *parts;
    struct text *positions;
};

static void add_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct add_state *const state = call->state;
    const struct add_part *const added = &state->parts[part];
    if (redis_reply_count(reply) != added->count) {
        redis_call_fail_shape(call);
        return;
    }
    for (size_t i = 0; i < added->count; i++) {
        state->positions[added->items[i]] =
            redis_call_text(call, redis_reply_text(redis_reply_at(reply, i)));
    }
}

static void add_answer(struct redis_call *call)
{
    const struct add_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.add(
        call->context, call->err, call->why.text, count ? state->positions : NULL, count);
}

static void add_send(
    struct redis_call *call,
    enum store_queue queue,
    const struct store_item *items,
    const struct add_part *part)
{
    struct redis_command command;
    const struct add_state *const state = call->state;
    const struct store_item *const first = &items[part->items[0]];
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_add");
    redis_command_i64(&command, 1);
    redis_command_text(
        &command, redis_queue_key(call->self, &command.arena, queue, first->partition));
    for (size_t i = 0; i < part->count; i++) {
        const struct store_item *const item = &items[part->items[i]];
        if (queue == QUEUE_DOOR) {
            redis_command_string(&command, "");
        } else {
            redis_command_i64(&command, item->arrived.ms);
        }
        redis_command_text(&command, item->body);
    }
    redis_call_send(call, (size_t)(part - state->parts), &command, 0);
}

/* Gathers the items of one partition, a call's worth at a time. */
static size_t add_partition(
    struct redis_call *call,
    enum store_queue queue,
    const struct store_item *items,
    int32_t partition,
    size_t part_index)
{
    const struct add_state *const state = call->state;
    struct add_part *part = &state->parts[part_index];
    for (size_t i = 0; i < call->count; i++) {
        if (queue != QUEUE_DOOR && items[i].partition != partition)
            continue;
        if (part->count == 0)
            part->items = redis_call_array(call, ITEMS_A_CALL, sizeof *part->items);
        part->items[part->count++] = i;
        if (part->count == ITEMS_A_CALL)
            add_send(call, queue, items, part++);
    }
    if (part->count)
        add_send(call, queue, items, part++);
    return (size_t)(part - state->parts);
}

void redis_queue_add(
    struct store *store,
    enum store_queue queue,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct add_state), context);
    struct add_state *const state = call->state;
    const int32_t streams = redis_queue_streams(call->self, queue);
    const size_t parts_max = count / ITEMS_A_CALL + (size_t)streams + 1;
    call->count = count;
    call->done.add = done;
    call->on_reply = add_reply;
    call->answer = add_answer;
    state->positions = redis_call_array(call, count, sizeof *state->positions);
    state->parts = redis_call_array(call, parts_max, sizeof *state->parts);
    size_t part = 0;
    for (int32_t partition = 0; partition < streams; partition++)
        part = add_partition(call, queue, items, partition, part);
    MUST(part <= parts_max);
    redis_call_sent(call);
}

/* ---- the shared present, and events with it ---- */

static void move_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct add_state *const state = call->state;
    (void)part;
    if (redis_reply_count(reply) != call->count) {
        redis_call_fail_shape(call);
        return;
    }
    for (size_t i = 0; i < call->count; i++)
        state->positions[i] = redis_reply_text(redis_reply_at(reply, i));
}

void redis_clock_move(
    struct store *store,
    struct wall_ms now,
    const struct store_item *items,
    size_t count,
    store_add_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct add_state), context);
    struct add_state *const state = call->state;
    struct redis_command command;
    call->count = count;
    call->done.add = done;
    call->on_reply = move_reply;
    call->answer = add_answer;
    state->positions = redis_call_array(call, count, sizeof *state->positions);
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_clock_move");
    redis_command_i64(&command, 1 + store->partitions);
    const struct text clock = redis_key_global(call->self, &command.arena, "clock");
    redis_command_text(&command, clock);
    for (int32_t i = 0; i < store->partitions; i++)
        redis_command_text(&command, redis_queue_key(call->self, &command.arena, QUEUE_EVENTS, i));
    redis_command_i64(&command, now.ms);
    redis_command_text(&command, clock); /* the channel of the ticks has the key's name */
    for (size_t i = 0; i < count; i++) {
        redis_command_i64(&command, 2 + items[i].partition); /* Lua counts from 1 */
        redis_command_i64(&command, items[i].arrived.ms);
        redis_command_text(&command, items[i].body);
    }
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

/* ---- acknowledge ---- */

static void nothing_to_read(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    (void)call;
    (void)part;
    (void)reply;
}

static void ack_partition(
    struct redis_call *call,
    enum store_queue queue,
    const struct store_ack *acks,
    size_t count,
    int32_t partition)
{
    struct redis_command command;
    size_t found = 0;
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_ack");
    redis_command_i64(&command, 1);
    redis_command_text(&command, redis_queue_key(call->self, &command.arena, queue, partition));
    for (size_t i = 0; i < count; i++) {
        if (queue != QUEUE_DOOR && acks[i].partition != partition)
            continue;
        redis_command_text(&command, acks[i].position);
        found++;
    }
    if (found) {
        redis_call_send(call, 0, &command, 0);
    } else {
        redis_command_release(&command);
    }
}

void redis_queue_ack(
    struct store *store,
    enum store_queue queue,
    const struct store_ack *acks,
    size_t count,
    store_plain_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, 0, context);
    call->done.plain = done;
    call->on_reply = nothing_to_read;
    call->answer = redis_plain_answer;
    for (int32_t i = 0; i < redis_queue_streams(call->self, queue); i++)
        ack_partition(call, queue, acks, count, i);
    redis_call_sent(call);
}

/* ---- settled ---- */

struct settled_state {
    bool settled;
    struct text *tails;
};

static void settled_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct settled_state *const state = call->state;
    int64_t settled = 0;
    if (redis_reply_i64(redis_reply_at(reply, 0), &settled)) {
        redis_call_fail_shape(call);
        return;
    }
    state->settled = state->settled && settled;
    state->tails[part] = redis_call_text(call, redis_reply_text(redis_reply_at(reply, 1)));
}

static void settled_answer(struct redis_call *call)
{
    const struct settled_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.settled(
        call->context, call->err, call->why.text, !call->err && state->settled,
        count ? state->tails : NULL, count);
}

void redis_events_settled(
    struct store *store, const struct text *positions, store_settled_done *done, void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct settled_state), context);
    struct settled_state *const state = call->state;
    call->count = (size_t)store->partitions;
    call->done.settled = done;
    call->on_reply = settled_reply;
    call->answer = settled_answer;
    state->settled = true;
    state->tails = redis_call_array(call, call->count, sizeof *state->tails);
    for (int32_t i = 0; i < store->partitions; i++) {
        struct redis_command command;
        redis_function(call, &command, "nrt1_settled", i, "");
        redis_command_text(&command, positions[i]);
        redis_call_send(call, (size_t)i, &command, 0);
    }
    redis_call_sent(call);
}
