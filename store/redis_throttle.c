/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Throttles: all windows of one channel stand in the partition of its name, so that one request
 * asks for many messages.
 */
#include "store/redis_store.h"

struct throttle_state {
    struct wall_ms *goes;
};

static void take_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct throttle_state *const state = call->state;
    (void)part;
    for (size_t i = 0; i < call->count; i++) {
        const struct text go = redis_reply_text(redis_reply_at(reply, i));
        if (text_parse_i64(go, &state->goes[i].ms))
            redis_call_fail_shape(call);
    }
}

static void take_answer(struct redis_call *call)
{
    const struct throttle_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.throttle(
        call->context, call->err, call->why.text, count ? state->goes : NULL, count);
}

static void ask_add(struct redis_command *command, const struct throttle_ask *ask)
{
    redis_command_text(command, ask->slot);
    redis_command_text(command, ask->mailbox);
    redis_command_string(command, ask->urgent ? "1" : "");
    redis_command_i64(command, (int64_t)ask->limit_count);
    for (size_t i = 0; i < ask->limit_count; i++) {
        redis_command_text(command, ask->limits[i].key);
        redis_command_i64(command, ask->limits[i].window_ms);
        redis_command_i64(command, ask->limits[i].max);
    }
}

void redis_throttle_take(
    struct store *store,
    struct text channel,
    struct wall_ms now,
    const struct throttle_ask *asks,
    size_t count,
    store_throttle_done *done,
    void *context)
{
    struct redis_call *const call =
        redis_call_create(store, sizeof(struct throttle_state), context);
    struct throttle_state *const state = call->state;
    struct redis_command command;
    call->count = count;
    call->done.throttle = done;
    call->on_reply = take_reply;
    call->answer = take_answer;
    state->goes = redis_call_array(call, count, sizeof *state->goes);
    redis_function(call, &command, "nrt1_throttle_take", store_partition_of(store, channel), "");
    redis_command_text(&command, channel);
    redis_command_i64(&command, now.ms);
    for (size_t i = 0; i < count; i++)
        ask_add(&command, &asks[i]);
    if (count) {
        redis_call_send(call, 0, &command, 0);
    } else {
        redis_command_release(&command);
    }
    redis_call_sent(call);
}

static void close_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    (void)call;
    (void)part;
    (void)reply;
}

void redis_throttle_close(
    struct store *store,
    struct text channel,
    struct text mailbox,
    struct wall_ms until,
    store_plain_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, 0, context);
    struct redis_command command;
    call->done.plain = done;
    call->on_reply = close_reply;
    call->answer = redis_plain_answer;
    redis_function(call, &command, "nrt1_throttle_close", store_partition_of(store, channel), "");
    redis_command_text(&command, channel);
    redis_command_text(&command, mailbox);
    redis_command_i64(&command, until.ms);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}
