/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Redis store's handle: opening and closing, the names of keys, and what claims have in
 * common.
 */
#include "store/redis_store.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/crypto.h"
#include "base/must.h"

#define REQUEST_MS     5000
#define SESSION_BYTES  8
#define KEY_TAIL_BYTES 64

/* ---- names ---- */

static struct text key_format(
    const struct redis_store *self, struct arena *arena, const char *tag, const char *name)
{
    char tail[KEY_TAIL_BYTES];
    struct buf buf;
    const int tail_bytes = snprintf(tail, sizeof tail, ":%s%s", tag, name);
    MUST(tail_bytes > 0 && (size_t)tail_bytes < sizeof tail);
    buf_init(&buf, self->prefix.bytes + sizeof tail);
    buf_text(&buf, self->prefix);
    buf_string(&buf, tail);
    const struct text key = buf_error(&buf) ? (struct text){0} : arena_text(arena, buf_view(&buf));
    buf_release(&buf);
    return key;
}

struct text redis_key(
    const struct redis_store *self, struct arena *arena, int32_t partition, const char *name)
{
    char tag[24];
    (void)snprintf(tag, sizeof tag, "{p%" PRId32 "}:", partition);
    return key_format(self, arena, tag, name);
}

struct text redis_key_global(const struct redis_store *self, struct arena *arena, const char *name)
{
    return key_format(self, arena, "", name);
}

struct text redis_queue_key(
    const struct redis_store *self, struct arena *arena, enum store_queue queue, int32_t partition)
{
    switch (queue) {
    case QUEUE_DOOR:
        return redis_key_global(self, arena, "events");
    case QUEUE_EVENTS:
        return redis_key(self, arena, partition, "events");
    case QUEUE_OUTBOX:
        return redis_key(self, arena, partition, "outbox");
    case QUEUE_RECEIPTS:
        return redis_key(self, arena, partition, "receipts");
    case STORE_QUEUE_COUNT:
        break;
    }
    MUST(false);
    return TEXT_LITERAL("");
}

int32_t redis_queue_streams(const struct redis_store *self, enum store_queue queue)
{
    return queue == QUEUE_DOOR ? 1 : self->store.partitions;
}

void redis_function(
    struct redis_call *call,
    struct redis_command *command,
    const char *function,
    int32_t partition,
    const char *name)
{
    redis_command_init(command, "FCALL");
    redis_command_string(command, function);
    redis_command_i64(command, 1);
    redis_command_text(command, redis_key(call->self, &command->arena, partition, name));
}

void redis_function_global(
    struct redis_call *call, struct redis_command *command, const char *function, const char *name)
{
    redis_command_init(command, "FCALL");
    redis_command_string(command, function);
    redis_command_i64(command, 1);
    redis_command_text(command, redis_key_global(call->self, &command->arena, name));
}

void redis_plain_answer(struct redis_call *call)
{
    call->done.plain(call->context, call->err, call->why.text);
}

/* ---- claims ---- */

struct redis_claim_asked redis_claim_ask(
    struct redis_store *self, struct redis_claim_state *state, struct redis_command *command)
{
    const struct redis_claim_asked asked = {
        .older = state->take_older,
        .sequence = ++state->sequence_last,
        .lost_from = state->lost_from,
        .lost_to = state->lost_to,
    };
    redis_command_text(command, self->instance);
    redis_command_text(command, self->session);
    redis_command_i64(command, asked.sequence);
    redis_command_string(command, asked.older ? "1" : "");
    redis_command_i64(command, asked.lost_from);
    redis_command_i64(command, asked.lost_to);
    redis_command_i64(command, self->lease_ms);
    /* A second call under way meanwhile must not take back what this one gets. */
    state->take_older = false;
    state->lost_from = 1;
    state->lost_to = 0;
    return asked;
}

static void claim_remember_lost(struct redis_claim_state *state, int64_t from, int64_t to)
{
    if (from > to)
        return;
    if (state->lost_from > state->lost_to) {
        state->lost_from = from;
        state->lost_to = to;
        return;
    }
    state->lost_from = from < state->lost_from ? from : state->lost_from;
    state->lost_to = to > state->lost_to ? to : state->lost_to;
}

void redis_claim_settle(
    struct redis_claim_state *state, const struct redis_claim_asked *asked, bool looked, bool full)
{
    if (looked && !full)
        return;
    state->take_older = state->take_older || asked->older;
    claim_remember_lost(state, asked->lost_from, asked->lost_to);
}

void redis_claim_failed(struct redis_claim_state *state, const struct redis_claim_asked *asked)
{
    state->take_older = state->take_older || asked->older;
    claim_remember_lost(state, asked->lost_from, asked->lost_to);
    claim_remember_lost(state, asked->sequence, asked->sequence);
}

/* ---- life ---- */

static void text_release(struct text *text)
{
    union {
        const char *ptr;
        void *memory;
    } owned = {.ptr = text->ptr};
    free(owned.memory);
    *text = (struct text){0};
}

static bool text_own(struct text *ret_text, struct text text)
{
    const char *const copy = text_copy(text);
    *ret_text = (struct text){.ptr = copy, .bytes = text.bytes};
    return copy;
}

static void redis_close(struct store *store)
{
    struct redis_store *const self = (struct redis_store *)store;
    redis_transport_free(self->main);
    redis_watch_free(self);
    for (size_t i = 0; i < REDIS_LANE_COUNT; i++)
        redis_transport_free(self->lanes[i].transport);
    redis_calls_release(self);
    if (self->retry)
        event_free(self->retry);
    text_release(&self->connection.url);
    text_release(&self->connection.user);
    text_release(&self->connection.password);
    text_release(&self->prefix);
    text_release(&self->instance);
    text_release(&self->session);
    free(self);
}

static bool session_make(struct redis_store *self)
{
    uint8_t random[SESSION_BYTES];
    struct buf hex;
    buf_init(&hex, sizeof random * 2);
    crypto_random(random, sizeof random);
    crypto_hex(&hex, random, sizeof random);
    const bool made = !buf_error(&hex) && text_own(&self->session, buf_view(&hex));
    buf_release(&hex);
    return made;
}

static void state_init(struct redis_store *self)
{
    for (size_t i = 0; i < REDIS_LANE_COUNT; i++)
        self->lanes[i].self = self;
    for (size_t partition = 0; partition < STORE_PARTITIONS_MAX; partition++) {
        const struct redis_claim_state fresh = {.take_older = true, .lost_from = 1, .lost_to = 0};
        self->timer_claims[partition] = self->mail_claims[partition] = fresh;
        for (size_t queue = 0; queue < STORE_QUEUE_COUNT; queue++) {
            self->readers[queue][partition] =
                (struct redis_reader){.recovering = true, .seen = "0-0"};
        }
    }
}

static bool texts_own(struct redis_store *self, const struct store_redis_options *options)
{
    return text_own(&self->connection.url, options->url) &&
           text_own(&self->connection.user, options->user) &&
           text_own(&self->connection.password, options->password) &&
           text_own(&self->prefix, options->prefix) &&
           text_own(&self->instance, options->instance) && session_make(self);
}

struct store *store_redis_open(
    const struct store_redis_options *options, store_ready_fn *ready, void *context)
{
    MUST(options->partitions > 0 && options->partitions <= STORE_PARTITIONS_MAX);
    struct redis_store *const self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->store = (struct store){.ops = &redis_ops, .partitions = options->partitions};
    (void)signal(SIGPIPE, SIG_IGN); /* a broken connection is an error to handle, not an end */
    self->base = options->base;
    self->connection.base = options->base;
    self->connection.request_ms = options->request_ms ? options->request_ms : REQUEST_MS;
    self->lease_ms = options->lease_ms ? options->lease_ms : STORE_LEASE_MS;
    self->ready = ready;
    self->ready_context = context;
    state_init(self);
    if (!texts_own(self, options) || !redis_calls_init(self) || !redis_open_begin(self)) {
        redis_close(&self->store);
        return NULL;
    }
    return &self->store;
}

const struct store_ops redis_ops = {
    .close = redis_close,
    .watch = redis_watch,
    .queue_add = redis_queue_add,
    .queue_take = redis_queue_take,
    .queue_ack = redis_queue_ack,
    .cases_load = redis_cases_load,
    .commit = redis_commit,
    .timers_claim = redis_timers_claim,
    .mail_put = redis_mail_put,
    .mail_claim = redis_mail_claim,
    .mail_mark = redis_mail_mark,
    .mail_settle = redis_mail_settle,
    .mail_merge = redis_mail_merge,
    .throttle_take = redis_throttle_take,
    .throttle_close = redis_throttle_close,
    .journal_read = redis_journal_read,
    .journal_add = redis_journal_add,
    .overview_read = redis_overview_read,
    .events_settled = redis_events_settled,
    .config_read = redis_config_read,
    .config_apply = redis_config_apply,
    .config_replace = redis_config_replace,
    .control_read = redis_control_read,
    .control_write = redis_control_write,
    .mail_wake = redis_mail_wake,
    .receipts_await = redis_receipts_await,
    .receipts_note = redis_receipts_note,
    .mail_hurry = redis_mail_hurry,
    .instance_beat = redis_instance_beat,
    .instances_read = redis_instances_read,
    .clock_read = redis_clock_read,
    .clock_move = redis_clock_move,
};
