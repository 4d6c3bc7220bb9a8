/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sending control in Redis: nrt:control, a hash of revision and text; and waking what waits in
 * mailboxes.
 */
#include "store/redis_store.h"

struct control_state {
    int64_t revision;
    struct text text;
};

static void control_answer(struct redis_call *call)
{
    const struct control_state *const state = call->state;
    const bool failed = call->err;
    call->done.config(
        call->context, call->err, call->why.text, failed ? 0 : state->revision,
        failed ? TEXT_LITERAL("") : state->text);
}

static void control_read_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct control_state *const state = call->state;
    (void)part;
    if (redis_reply_i64(redis_reply_at(reply, 0), &state->revision) ||
        redis_reply_kind(redis_reply_at(reply, 1)) != REDIS_TEXT) {
        redis_call_fail_shape(call);
        return;
    }
    state->text = redis_reply_text(redis_reply_at(reply, 1));
}

void redis_control_read(struct store *store, store_config_done *done, void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct control_state), context);
    struct redis_command command;
    call->done.config = done;
    call->on_reply = control_read_reply;
    call->answer = control_answer;
    redis_function_global(call, &command, "nrt1_control_read", "control");
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

/* {1 when written, newest revision} */
static void control_write_reply(
    struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct control_state *const state = call->state;
    int64_t written = 0;
    (void)part;
    if (redis_reply_i64(redis_reply_at(reply, 0), &written) ||
        redis_reply_i64(redis_reply_at(reply, 1), &state->revision)) {
        redis_call_fail_shape(call);
    } else if (!written) {
        redis_call_fail(call, ERR_CONFLICT, "somebody else changed the sending control meanwhile");
    }
}

void redis_control_write(
    struct store *store,
    int64_t base_revision,
    const struct control_text *control,
    store_config_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct control_state), context);
    struct control_state *const state = call->state;
    struct redis_command command;
    call->done.config = done;
    call->on_reply = control_write_reply;
    call->answer = control_answer;
    state->text = redis_call_text(call, control->text);
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_control_write");
    redis_command_i64(&command, 2);
    redis_command_text(&command, redis_key_global(call->self, &command.arena, "control"));
    redis_command_text(&command, redis_key(call->self, &command.arena, 0, ""));
    redis_command_i64(&command, base_revision);
    redis_command_text(&command, control->text);
    redis_command_text(&command, control->facts);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}

/* ---- waking ---- */

static void wake_answer(struct redis_call *call)
{
    const int64_t *const count = call->state;
    call->done.count(call->context, call->err, call->why.text, call->err ? 0 : *count);
}

static void wake_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    (void)part;
    if (redis_reply_i64(reply, call->state)) {
        redis_call_fail_shape(call);
    }
}

void redis_mail_wake(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    store_count_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(int64_t), context);
    struct redis_command command;
    call->done.count = done;
    call->on_reply = wake_reply;
    call->answer = wake_answer;
    redis_function(call, &command, "nrt1_mail_wake", partition, "");
    redis_command_i64(&command, now.ms);
    redis_command_i64(&command, STORE_CLAIM_MAX);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}
