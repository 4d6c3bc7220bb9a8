/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that may wait, each kind on a connection of its own: taking from a queue, reading the
 * journal.
 *
 * A take has up to two phases. The first, only when there is a reason, asks each stream for
 * pending entries: this consumer's own which it has lost sight of, and everybody's that were
 * left longer than the lease. The reasons: the first take of this handle (its forerunner's
 * entries), a take whose answer was lost, and a look at the others' every quarter of a lease. What
 * a lost answer held is told from what is being worked on by its position: new entries come in
 * order, so it lies beyond the last one that was seen. The second phase reads new entries of
 * all streams at once, waiting if there are none.
 */
#include <stdio.h>

#include "base/clock.h"
#include "store/redis_store.h"

#define BLOCK_MS_MAX 5000

struct take_state {
    enum store_queue queue;
    size_t max;
    size_t share; /* of each stream */
    int64_t wait_ms;
    bool reading; /* the second phase */
    struct store_entry *entries;
    struct redis_reader *readers; /* as they will be when the answer has been given */
};

/* ---- entries ---- */

/* "ce" is the body, "at" when it arrived. A producer's entry without "ce" is handed on whole. */
static struct text fields_joined(struct redis_call *call, const struct redisReply *fields)
{
    struct buf buf;
    buf_init(&buf, REDIS_REPLY_BYTES_MAX);
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2) {
        buf_text(&buf, redis_reply_text(redis_reply_at(fields, i)));
        buf_char(&buf, '=');
        buf_text(&buf, redis_reply_text(redis_reply_at(fields, i + 1)));
        buf_char(&buf, '\n');
    }
    const struct text joined = redis_call_text(call, buf_view(&buf));
    buf_release(&buf);
    return joined;
}

static void entry_add(
    struct redis_call *call,
    int32_t partition,
    struct text position,
    const struct redisReply *fields,
    int64_t deliveries)
{
    struct take_state *const state = call->state;
    struct store_entry *const entry = &state->entries[call->count];
    struct text body = {0};
    int64_t arrived_ms = -1;
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2) {
        const struct text name = redis_reply_text(redis_reply_at(fields, i));
        const struct redisReply *const value = redis_reply_at(fields, i + 1);
        if (text_is(name, "ce")) {
            body = redis_call_text(call, redis_reply_text(value));
        } else if (text_is(name, "at") && state->queue != QUEUE_DOOR) {
            arrived_ms = redis_reply_i64(value, &arrived_ms) ? -1 : arrived_ms;
        }
    }
    if (call->count >= state->max || position.bytes >= REDIS_POSITION_BYTES) {
        redis_call_fail_shape(call);
        return;
    }
    *entry = (struct store_entry){
        .partition = partition,
        .position = redis_call_text(call, position),
        .arrived.ms = arrived_ms,
        .body = body.ptr ? body : fields_joined(call, fields),
        .deliveries = (int32_t)(deliveries < INT32_MAX ? deliveries : INT32_MAX),
    };
    call->count++;
}

static void reader_saw(struct redis_reader *reader, struct text position)
{
    if (position.bytes > 0 && position.bytes < sizeof reader->seen)
        (void)snprintf(reader->seen, sizeof reader->seen, "%.*s", TEXT_ARGS(position));
}

/* ---- the first phase ---- */

static void recover_send(struct redis_call *call, int32_t partition, bool sweep)
{
    const struct take_state *const state = call->state;
    const struct redis_store *const self = call->self;
    const struct redis_reader *const reader = &state->readers[partition];
    struct redis_command command;
    redis_command_init(&command, "FCALL");
    redis_command_string(&command, "nrt1_recover");
    redis_command_i64(&command, 1);
    redis_command_text(&command, redis_queue_key(self, &command.arena, state->queue, partition));
    redis_command_text(&command, self->instance);
    redis_command_i64(&command, (int64_t)state->share);
    redis_command_string(&command, reader->recovering ? reader->seen : "");
    if (sweep) {
        redis_command_i64(&command, self->lease_ms);
    } else {
        redis_command_string(&command, "");
    }
    redis_call_send(call, (size_t)partition, &command, 0);
}

/* {last own position looked at, 1 when there may be more, {position, fields, deliveries, ...}} */
static void recover_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct take_state *const state = call->state;
    struct redis_reader *const reader = &state->readers[part];
    const struct redisReply *const entries = redis_reply_at(reply, 2);
    int64_t more = 0;
    if (redis_reply_i64(redis_reply_at(reply, 1), &more)) {
        redis_call_fail_shape(call);
        return;
    }
    reader->recovering = reader->recovering && more;
    reader_saw(reader, redis_reply_text(redis_reply_at(reply, 0)));
    for (size_t i = 0; i + 2 < redis_reply_count(entries); i += 3) {
        int64_t deliveries = 1;
        if (redis_reply_i64(redis_reply_at(entries, i + 2), &deliveries))
            redis_call_fail_shape(call);
        entry_add(
            call, (int32_t)part, redis_reply_text(redis_reply_at(entries, i)),
            redis_reply_at(entries, i + 1), deliveries);
    }
}

/* ---- the second phase ---- */

static void read_send(struct redis_call *call)
{
    const struct take_state *const state = call->state;
    const struct redis_store *const self = call->self;
    const int32_t streams = redis_queue_streams(self, state->queue);
    struct redis_command command;
    redis_command_init(&command, "XREADGROUP");
    redis_command_string(&command, "GROUP");
    redis_command_string(&command, REDIS_GROUP);
    redis_command_text(&command, self->instance);
    redis_command_string(&command, "COUNT");
    redis_command_i64(&command, (int64_t)state->share);
    if (state->wait_ms > 0) { /* BLOCK 0 would wait for ever */
        redis_command_string(&command, "BLOCK");
        redis_command_i64(&command, state->wait_ms);
    }
    redis_command_string(&command, "STREAMS");
    for (int32_t i = 0; i < streams; i++)
        redis_command_text(&command, redis_queue_key(self, &command.arena, state->queue, i));
    for (int32_t i = 0; i < streams; i++)
        redis_command_string(&command, ">");
    redis_call_send(call, 0, &command, state->wait_ms);
}

/* The partition whose stream has that key, -1 when none has. */
static int32_t stream_find(struct redis_call *call, enum store_queue queue, struct text key)
{
    for (int32_t i = 0; i < redis_queue_streams(call->self, queue); i++) {
        if (text_equal(key, redis_queue_key(call->self, &call->arena, queue, i)))
            return i;
    }
    return -1;
}

/* {{key, {{position, fields}, ...}}, ...}, or nil when nothing came. */
static void read_reply(struct redis_call *call, const struct redisReply *reply)
{
    const struct take_state *const state = call->state;
    for (size_t i = 0; i < redis_reply_count(reply); i++) {
        const struct redisReply *const stream = redis_reply_at(reply, i);
        const struct redisReply *const entries = redis_reply_at(stream, 1);
        const int32_t partition =
            stream_find(call, state->queue, redis_reply_text(redis_reply_at(stream, 0)));
        if (partition < 0) {
            redis_call_fail_shape(call);
            return;
        }
        for (size_t k = 0; k < redis_reply_count(entries); k++) {
            const struct redisReply *const entry = redis_reply_at(entries, k);
            const struct text position = redis_reply_text(redis_reply_at(entry, 0));
            entry_add(call, partition, position, redis_reply_at(entry, 1), 1);
            reader_saw(&state->readers[partition], position);
        }
    }
}

/* ---- the whole ---- */

static void take_start(struct redis_call *call)
{
    struct take_state *const state = call->state;
    struct redis_store *const self = call->self;
    const int32_t streams = redis_queue_streams(self, state->queue);
    const int64_t now_ms = clock_mono().ms;
    const bool sweep = self->sweep_at_ms[state->queue] <= now_ms;
    bool recovering = sweep;
    if (sweep)
        self->sweep_at_ms[state->queue] = now_ms + self->lease_ms / 4;
    for (int32_t i = 0; i < streams; i++) {
        state->readers[i] = self->readers[state->queue][i];
        recovering = recovering || state->readers[i].recovering;
    }
    for (int32_t i = 0; i < streams && recovering; i++)
        recover_send(call, i, sweep);
    if (!recovering) {
        state->reading = true;
        read_send(call);
    }
}

static void take_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct take_state *const state = call->state;
    if (state->reading) {
        read_reply(call, reply);
    } else {
        recover_reply(call, part, reply);
    }
}

/* New entries only when nothing old was found: the past comes first. */
static bool take_next_phase(struct redis_call *call)
{
    struct take_state *const state = call->state;
    if (!state->reading && call->count == 0) {
        state->reading = true;
        read_send(call);
        return call->awaited > 0;
    }
    /* Now, and not with the answer: the lane's next take begins before that. */
    for (int32_t i = 0; i < redis_queue_streams(call->self, state->queue); i++)
        call->self->readers[state->queue][i] = state->readers[i];
    return false;
}

static void take_failed(struct redis_call *call)
{
    const struct take_state *const state = call->state;
    for (int32_t i = 0; i < redis_queue_streams(call->self, state->queue); i++)
        call->self->readers[state->queue][i].recovering = true;
}

static void take_answer(struct redis_call *call)
{
    const struct take_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.take(call->context, call->err, call->why.text, count ? state->entries : NULL, count);
}

static size_t share_of(size_t max, int32_t streams)
{
    const size_t share = max / (size_t)streams;
    return share ? share : 1;
}

void redis_queue_take(
    struct store *store,
    enum store_queue queue,
    size_t max,
    int64_t wait_ms,
    store_take_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct take_state), context);
    struct take_state *const state = call->state;
    const int32_t streams = redis_queue_streams(call->self, queue);
    state->queue = queue;
    state->share = share_of(max, streams);
    state->max = state->share * (size_t)streams;
    state->wait_ms = wait_ms < BLOCK_MS_MAX ? wait_ms : BLOCK_MS_MAX;
    state->entries = redis_call_array(call, state->max, sizeof *state->entries);
    state->readers = redis_call_array(call, (size_t)streams, sizeof *state->readers);
    call->done.take = done;
    call->start = take_start;
    call->on_reply = take_reply;
    call->next_phase = take_next_phase;
    call->on_failed = take_failed;
    call->answer = take_answer;
    redis_lane_queue(&call->self->lanes[queue], call);
}

/* ---- the journal ---- */

struct journal_state {
    size_t share;
    int64_t wait_ms;
    struct text *positions;
    struct journal_entry *entries;
    size_t entries_max;
};

static void journal_start(struct redis_call *call)
{
    const struct journal_state *const state = call->state;
    const struct redis_store *const self = call->self;
    struct redis_command command;
    redis_command_init(&command, "XREAD");
    redis_command_string(&command, "COUNT");
    redis_command_i64(&command, (int64_t)state->share);
    if (state->wait_ms > 0) {
        redis_command_string(&command, "BLOCK");
        redis_command_i64(&command, state->wait_ms);
    }
    redis_command_string(&command, "STREAMS");
    for (int32_t i = 0; i < self->store.partitions; i++)
        redis_command_text(&command, redis_key(self, &command.arena, i, "journal"));
    for (int32_t i = 0; i < self->store.partitions; i++)
        redis_command_text(&command, state->positions[i]);
    redis_call_send(call, 0, &command, state->wait_ms);
}

static int32_t journal_find(struct redis_call *call, struct text key)
{
    for (int32_t i = 0; i < call->self->store.partitions; i++) {
        if (text_equal(key, redis_key(call->self, &call->arena, i, "journal")))
            return i;
    }
    return -1;
}

static void journal_entry_add(
    struct redis_call *call, int32_t partition, const struct redisReply *entry)
{
    const struct journal_state *const state = call->state;
    const struct redisReply *const fields = redis_reply_at(entry, 1);
    if (partition < 0 || call->count >= state->entries_max) {
        redis_call_fail_shape(call);
        return;
    }
    state->entries[call->count++] = (struct journal_entry){
        .partition = partition,
        .position = redis_reply_text(redis_reply_at(entry, 0)),
        .facts = redis_reply_text(redis_reply_at(fields, 1)),
    };
}

static void journal_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    (void)part;
    for (size_t i = 0; i < redis_reply_count(reply); i++) {
        const struct redisReply *const stream = redis_reply_at(reply, i);
        const struct redisReply *const entries = redis_reply_at(stream, 1);
        const int32_t partition = journal_find(call, redis_reply_text(redis_reply_at(stream, 0)));
        for (size_t k = 0; k < redis_reply_count(entries); k++)
            journal_entry_add(call, partition, redis_reply_at(entries, k));
    }
}

static void journal_answer(struct redis_call *call)
{
    const struct journal_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.journal(
        call->context, call->err, call->why.text, count ? state->entries : NULL, count);
}

void redis_journal_read(
    struct store *store,
    const struct text *positions,
    size_t max,
    int64_t wait_ms,
    store_journal_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct journal_state), context);
    struct journal_state *const state = call->state;
    const size_t streams = (size_t)store->partitions;
    state->share = share_of(max, store->partitions);
    state->entries_max = state->share * streams;
    state->wait_ms = wait_ms < BLOCK_MS_MAX ? wait_ms : BLOCK_MS_MAX;
    state->entries = redis_call_array(call, state->entries_max, sizeof *state->entries);
    state->positions = redis_call_array(call, streams, sizeof *state->positions);
    for (size_t i = 0; i < streams; i++) {
        state->positions[i] =
            positions[i].bytes ? redis_call_text(call, positions[i]) : TEXT_LITERAL("0-0");
    }
    call->done.journal = done;
    call->start = journal_start;
    call->on_reply = journal_reply;
    call->answer = journal_answer;
    redis_lane_queue(&call->self->lanes[REDIS_LANE_JOURNAL], call);
}
