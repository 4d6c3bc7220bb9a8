/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remaining calls: facts for the journal, the applied configuration, heartbeats, the shared
 * present.
 */
#include "store/redis_store.h"

static void nothing_to_read(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    (void)call;
    (void)part;
    (void)reply;
}

void redis_journal_add(
    struct store *store,
    int32_t partition,
    struct text facts,
    store_plain_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, 0, context);
    struct redis_command command;
    call->done.plain = done;
    call->on_reply = nothing_to_read;
    call->answer = redis_plain_answer;
    redis_function(call, &command, "nrt1_journal_add", partition, "");
    redis_command_text(&command, facts);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

/* ---- configuration ---- */

struct config_state {
    int64_t version;
    struct text bundle;
};

static void config_answer(struct redis_call *call)
{
    const struct config_state *const state = call->state;
    const bool failed = call->err;
    call->done.config(
        call->context, call->err, call->why.text, failed ? 0 : state->version,
        failed ? TEXT_LITERAL("") : state->bundle);
}

static void config_read_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct config_state *const state = call->state;
    (void)part;
    if (redis_reply_i64(redis_reply_at(reply, 0), &state->version)) {
        redis_call_fail_shape(call);
        return;
    }
    if (redis_reply_kind(redis_reply_at(reply, 1)) != REDIS_TEXT) {
        redis_call_fail(
            call, ERR_NOT_FOUND, "no such version of the configuration has been applied");
    }
    state->bundle = redis_reply_text(redis_reply_at(reply, 1));
}

void redis_config_read(struct store *store, int64_t version, store_config_done *done, void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct config_state), context);
    struct redis_command command;
    call->done.config = done;
    call->on_reply = config_read_reply;
    call->answer = config_answer;
    redis_function_global(call, &command, "nrt1_config_read", "config");
    redis_command_i64(&command, version);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

/* {1 when applied, newest version} */
static void config_apply_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct config_state *const state = call->state;
    int64_t applied = 0;
    (void)part;
    if (redis_reply_i64(redis_reply_at(reply, 0), &applied) ||
        redis_reply_i64(redis_reply_at(reply, 1), &state->version)) {
        redis_call_fail_shape(call);
    } else if (!applied) {
        redis_call_fail(
            call, ERR_CONFLICT, "another version of the configuration was applied meanwhile");
    }
}

void redis_config_apply(
    struct store *store,
    int64_t base_version,
    struct text bundle,
    struct text facts,
    store_config_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct config_state), context);
    struct config_state *const state = call->state;
    struct redis_command command;
    call->done.config = done;
    call->on_reply = config_apply_reply;
    call->answer = config_answer;
    state->bundle = redis_call_text(call, bundle);
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_config_apply");
    redis_command_i64(&command, 2);
    const struct text key = redis_key_global(call->self, &command.arena, "config");
    redis_command_text(&command, key);
    redis_command_text(&command, redis_key(call->self, &command.arena, 0, ""));
    redis_command_i64(&command, base_version);
    redis_command_text(&command, bundle);
    redis_command_text(&command, facts);
    redis_command_text(&command, key); /* the channel of the ticks has the key's name */
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

static void config_replace_reply(
    struct redis_call *call, size_t part, const struct redisReply *reply)
{
    int64_t replaced = 0;
    (void)part;
    if (redis_reply_i64(reply, &replaced)) {
        redis_call_fail_shape(call);
    } else if (!replaced) {
        redis_call_fail(call, ERR_CONFLICT, "the version holds something else by now");
    }
}

void redis_config_replace(
    struct store *store,
    int64_t version,
    struct text from,
    struct text to,
    store_config_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct config_state), context);
    struct config_state *const state = call->state;
    struct redis_command command;
    call->done.config = done;
    call->on_reply = config_replace_reply;
    call->answer = config_answer;
    state->version = version;
    redis_function_global(call, &command, "nrt1_config_replace", "config");
    redis_command_i64(&command, version);
    redis_command_text(&command, from);
    redis_command_text(&command, to);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

/* ---- instances ---- */

void redis_instance_beat(
    struct store *store, struct text json, int64_t ttl_ms, store_plain_done *done, void *context)
{
    struct redis_call *const call = redis_call_create(store, 0, context);
    struct redis_store *const self = call->self;
    struct redis_command command;
    call->done.plain = done;
    call->on_reply = nothing_to_read;
    call->answer = redis_plain_answer;
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_beat");
    redis_command_i64(&command, 2);
    redis_command_text(&command, redis_key_global(self, &command.arena, "instances"));
    redis_command_joined(
        &command, redis_key_global(self, &command.arena, "instance:"), self->instance);
    redis_command_text(&command, self->instance);
    redis_command_text(&command, json);
    redis_command_i64(&command, ttl_ms);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

struct instances_state {
    struct store_instance *instances; /* the second phase fills in json */
    size_t names;
    bool reading;
};

static void instance_names(struct redis_call *call, const struct redisReply *reply)
{
    struct instances_state *const state = call->state;
    state->names = redis_reply_count(reply);
    state->instances = redis_call_array(call, state->names, sizeof *state->instances);
    for (size_t i = 0; i < state->names; i++) {
        state->instances[i].name =
            redis_call_text(call, redis_reply_text(redis_reply_at(reply, i)));
    }
}

/* Heartbeats that have expired are nil: those instances are left out. */
static void instances_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct instances_state *const state = call->state;
    (void)part;
    if (!state->reading) {
        instance_names(call, reply);
        return;
    }
    for (size_t i = 0; i < state->names; i++) {
        const struct text json = redis_reply_text(redis_reply_at(reply, i));
        if (json.bytes) {
            state->instances[call->count++] =
                (struct store_instance){.name = state->instances[i].name, .json = json};
        }
    }
}

static bool instances_next_phase(struct redis_call *call)
{
    struct instances_state *const state = call->state;
    struct redis_command command;
    if (state->reading || state->names == 0)
        return false;
    state->reading = true;
    redis_command_init(&command, "MGET");
    const struct text base = redis_key_global(call->self, &command.arena, "instance:");
    for (size_t i = 0; i < state->names; i++)
        redis_command_joined(&command, base, state->instances[i].name);
    redis_call_send(call, 0, &command, 0);
    return call->awaited > 0;
}

static void instances_answer(struct redis_call *call)
{
    const struct instances_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.instances(
        call->context, call->err, call->why.text, count ? state->instances : NULL, count);
}

void redis_instances_read(struct store *store, store_instances_done *done, void *context)
{
    struct redis_call *const call =
        redis_call_create(store, sizeof(struct instances_state), context);
    struct redis_command command;
    call->done.instances = done;
    call->on_reply = instances_reply;
    call->next_phase = instances_next_phase;
    call->answer = instances_answer;
    redis_command_init(&command, "ZRANGE");
    redis_command_text(&command, redis_key_global(call->self, &command.arena, "instances"));
    redis_command_i64(&command, 0);
    redis_command_i64(&command, -1);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

/* ---- the shared present ---- */

struct clock_state {
    struct wall_ms now;
};

static void clock_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct clock_state *const state = call->state;
    (void)part;
    if (redis_reply_kind(reply) == REDIS_NIL) {
        redis_call_fail(call, ERR_NOT_FOUND, "the shared present was never set");
    } else if (
        redis_reply_i64(reply, &state->now.ms) || state->now.ms < 0 ||
        state->now.ms > WALL_MS_MAX) {
        redis_call_fail(call, ERR_CORRUPT, "the shared present in Redis is no instant");
    }
}

static void clock_answer(struct redis_call *call)
{
    const struct clock_state *const state = call->state;
    call->done.clock(
        call->context, call->err, call->why.text, call->err ? (struct wall_ms){0} : state->now);
}

void redis_clock_read(struct store *store, store_clock_done *done, void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct clock_state), context);
    struct redis_command command;
    call->done.clock = done;
    call->on_reply = clock_reply;
    call->answer = clock_answer;
    redis_command_init(&command, "GET");
    redis_command_text(&command, redis_key_global(call->self, &command.arena, "clock"));
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}
