/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts in Redis: a key lies in the partition of its own hash, so a call is one request for
 * each partition that has any of its keys. Making a message ready is a call of its own, because
 * messages lie elsewhere.
 */
#include <string.h>

#include "store/redis_store.h"

/* ---- one request for each partition ---- */

struct receipts_state {
    int32_t *partitions; /* of each key */
    int32_t *ranks;
    struct mail_name *names;
};

typedef void add_fn(struct redis_command *command, const void *items, size_t index);

static void send_partition(
    struct redis_call *call,
    int32_t partition,
    const char *function,
    add_fn *add,
    const void *items)
{
    const struct receipts_state *const state = call->state;
    struct redis_command command;
    size_t found = 0;
    redis_function(call, &command, function, partition, "");
    for (size_t index = 0; index < call->count; index++) {
        if (state->partitions[index] == partition) {
            add(&command, items, index);
            found++;
        }
    }
    if (found > 0) {
        redis_call_send(call, (size_t)partition, &command, 0);
    } else {
        redis_command_release(&command);
    }
}

static void send_all(struct redis_call *call, const char *function, add_fn *add, const void *items)
{
    for (int32_t partition = 0; partition < call->self->store.partitions; partition++) {
        send_partition(call, partition, function, add, items);
    }
    redis_call_sent(call);
}

static struct redis_call *receipts_create(struct store *store, size_t count, void *context)
{
    struct redis_call *const call =
        redis_call_create(store, sizeof(struct receipts_state), context);
    struct receipts_state *const state = call->state;
    call->count = count;
    state->partitions = redis_call_array(call, count, sizeof *state->partitions);
    return call;
}

/* ---- awaiting ---- */

static void await_add(struct redis_command *command, const void *items, size_t index)
{
    const struct receipt_await *const await = (const struct receipt_await *)items + index;
    redis_command_text(command, await->key);
    redis_command_text(command, await->name.person);
    redis_command_text(command, await->name.channel);
    redis_command_text(command, await->name.id);
}

static void await_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct receipts_state *const state = call->state;
    size_t at = 0;
    for (size_t index = 0; index < call->count; index++) {
        int64_t rank = 0;
        if (state->partitions[index] != (int32_t)part) {
            continue;
        }
        if (redis_reply_i64(redis_reply_at(reply, at++), &rank) || rank < 0 ||
            rank > STORE_RECEIPT_RANK_MAX) {
            redis_call_fail_shape(call);
            return;
        }
        state->ranks[index] = (int32_t)rank;
    }
}

static void await_answer(struct redis_call *call)
{
    const struct receipts_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.receipts_await(
        call->context, call->err, call->why.text, count > 0 ? state->ranks : NULL, count);
}

void redis_receipts_await(
    struct store *store,
    const struct receipt_await *awaits,
    size_t count,
    store_receipts_await_done *done,
    void *context)
{
    struct redis_call *const call = receipts_create(store, count, context);
    struct receipts_state *const state = call->state;
    call->done.receipts_await = done;
    call->on_reply = await_reply;
    call->answer = await_answer;
    state->ranks = redis_call_array(call, count, sizeof *state->ranks);
    for (size_t index = 0; index < count; index++) {
        state->partitions[index] = store_partition_of(store, awaits[index].key);
    }
    send_all(call, "nrt1_receipts_await", await_add, awaits);
}

/* ---- noting ---- */

static void note_add(struct redis_command *command, const void *items, size_t index)
{
    const struct receipt_note *const note = (const struct receipt_note *)items + index;
    redis_command_text(command, note->key);
    redis_command_i64(command, note->rank);
}

/* The bytes before the first NUL; *rest is what follows it. */
static struct text cut_at_nul(struct text *rest)
{
    const char *const end = rest->bytes > 0 ? memchr(rest->ptr, '\0', rest->bytes) : NULL;
    const struct text head = {.ptr = rest->ptr, .bytes = end ? (size_t)(end - rest->ptr) : 0};
    if (end) {
        *rest = (struct text){.ptr = end + 1, .bytes = rest->bytes - head.bytes - 1};
    }
    return head;
}

static void note_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct receipts_state *const state = call->state;
    size_t at = 0;
    for (size_t index = 0; index < call->count; index++) {
        if (state->partitions[index] != (int32_t)part) {
            continue;
        }
        const struct redisReply *const one = redis_reply_at(reply, at++);
        if (redis_reply_kind(one) != REDIS_TEXT) {
            redis_call_fail_shape(call);
            return;
        }
        struct text member = redis_call_text(call, redis_reply_text(one));
        state->names[index].person = cut_at_nul(&member);
        state->names[index].channel = cut_at_nul(&member);
        state->names[index].id = member;
    }
}

static void note_answer(struct redis_call *call)
{
    const struct receipts_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.receipts_note(
        call->context, call->err, call->why.text, count > 0 ? state->names : NULL, count);
}

void redis_receipts_note(
    struct store *store,
    const struct receipt_note *notes,
    size_t count,
    store_receipts_note_done *done,
    void *context)
{
    struct redis_call *const call = receipts_create(store, count, context);
    struct receipts_state *const state = call->state;
    call->done.receipts_note = done;
    call->on_reply = note_reply;
    call->answer = note_answer;
    state->names = redis_call_array(call, count, sizeof *state->names);
    for (size_t index = 0; index < count; index++) {
        state->partitions[index] = store_partition_of(store, notes[index].key);
    }
    send_all(call, "nrt1_receipts_note", note_add, notes);
}

/* ---- hurrying ---- */

static void hurry_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    (void)call;
    (void)part;
    (void)reply;
}

static void hurry_answer(struct redis_call *call)
{
    call->done.plain(call->context, call->err, call->why.text);
}

void redis_mail_hurry(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    struct wall_ms now,
    store_plain_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, 0, context);
    struct redis_command command;
    call->done.plain = done;
    call->on_reply = hurry_reply;
    call->answer = hurry_answer;
    redis_function(call, &command, "nrt1_mail_hurry", partition, "");
    redis_command_i64(&command, now.ms);
    for (size_t index = 0; index < count; index++) {
        redis_command_text(&command, names[index].person);
        redis_command_text(&command, names[index].channel);
        redis_command_text(&command, names[index].id);
    }
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}
