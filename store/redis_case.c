/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Case records: loading, the one atomic commit, and claims of due timers. Each is one request;
 * what it answers with are views into the reply.
 */
#include <string.h>

#include "base/must.h"
#include "store/redis_store.h"

/* "<version>;" and the packed bytes; nothing stored is version 0. */
static enum err record_parse(struct text value, int64_t *ret_version, struct text *ret_record)
{
    if (value.bytes == 0) {
        *ret_version = 0;
        *ret_record = TEXT_LITERAL("");
        return ERR_OK;
    }
    const char *const end = memchr(value.ptr, ';', value.bytes);
    if (!end)
        return ERR_CORRUPT;
    const struct text digits = {.ptr = value.ptr, .bytes = (size_t)(end - value.ptr)};
    if (text_parse_i64(digits, ret_version) || *ret_version <= 0)
        return ERR_CORRUPT;
    *ret_record = (struct text){.ptr = end + 1, .bytes = value.bytes - digits.bytes - 1};
    return ERR_OK;
}

static void case_fill(
    struct redis_call *call, struct store_case *ret_case, struct text id, struct text value)
{
    ret_case->id = id;
    if (record_parse(value, &ret_case->version, &ret_case->record)) {
        redis_call_fail(
            call, ERR_CORRUPT, "a case's key in Redis holds foreign bytes: move it away");
    }
}

/* ---- load ---- */

struct load_state {
    struct store_case *cases;
};

static void load_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct load_state *const state = call->state;
    (void)part;
    if (redis_reply_count(reply) != call->count) {
        redis_call_fail_shape(call);
        return;
    }
    for (size_t i = 0; i < call->count; i++) {
        case_fill(
            call, &state->cases[i], state->cases[i].id, redis_reply_text(redis_reply_at(reply, i)));
    }
}

static void load_answer(struct redis_call *call)
{
    const struct load_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.cases(call->context, call->err, call->why.text, count ? state->cases : NULL, count);
}

void redis_cases_load(
    struct store *store,
    int32_t partition,
    const struct text *ids,
    size_t count,
    store_cases_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct load_state), context);
    struct load_state *const state = call->state;
    struct redis_command command;
    call->count = count;
    call->done.cases = done;
    call->on_reply = load_reply;
    call->answer = load_answer;
    state->cases = redis_call_array(call, count, sizeof *state->cases);
    redis_command_init(&command, "MGET");
    const struct text base = redis_key(call->self, &command.arena, partition, "case:");
    for (size_t i = 0; i < count; i++) {
        state->cases[i].id = redis_call_text(call, ids[i]);
        redis_command_joined(&command, base, ids[i]);
    }
    if (count) {
        redis_call_send(call, 0, &command, 0);
    } else {
        redis_command_release(&command);
    }
    redis_call_sent(call);
}

/* ---- commit ---- */

struct commit_state {
    int64_t *versions;
};

static void commit_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct commit_state *const state = call->state;
    (void)part;
    for (size_t i = 0; i < call->count; i++) {
        if (redis_reply_i64(redis_reply_at(reply, i), &state->versions[i])) {
            redis_call_fail_shape(call);
            return;
        }
    }
}

static void commit_answer(struct redis_call *call)
{
    const struct commit_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.commit(
        call->context, call->err, call->why.text, count ? state->versions : NULL, count);
}

static void step_add(struct redis_command *command, const struct store_step *step)
{
    redis_command_text(command, step->case_id);
    redis_command_i64(command, step->expected_version);
    redis_command_text(command, step->record);
    if (step->has_wake) {
        redis_command_i64(command, step->wake.ms);
    } else {
        redis_command_string(command, "");
    }
    redis_command_string(command, step->release_claim ? "1" : "");
    redis_command_text(command, step->facts);
    redis_command_text(command, step->outbox);
    redis_command_i64(command, (int64_t)step->ack_count);
    for (size_t i = 0; i < step->ack_count; i++)
        redis_command_text(command, step->acks[i]);
}

void redis_commit(
    struct store *store,
    int32_t partition,
    const struct store_step *steps,
    size_t count,
    store_commit_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct commit_state), context);
    struct commit_state *const state = call->state;
    struct redis_command command;
    call->count = count;
    call->done.commit = done;
    call->on_reply = commit_reply;
    call->answer = commit_answer;
    state->versions = redis_call_array(call, count, sizeof *state->versions);
    redis_function(call, &command, "nrt1_commit", partition, "");
    redis_command_text(&command, call->self->instance);
    for (size_t i = 0; i < count; i++) {
        MUST(!steps[i].case_id.bytes || steps[i].record.bytes);
        step_add(&command, &steps[i]);
    }
    if (count) {
        redis_call_send(call, 0, &command, 0);
    } else {
        redis_command_release(&command);
    }
    redis_call_sent(call);
}

/* ---- claim ---- */

struct claim_state {
    int32_t partition;
    size_t max;
    struct redis_claim_asked asked;
    struct store_claimed claimed;
};

static struct redis_claim_state *claims_of(struct redis_call *call)
{
    const struct claim_state *const state = call->state;
    return &call->self->timer_claims[state->partition];
}

static void due_fill(
    struct redis_call *call, struct store_due *ret_due, const struct redisReply *list, size_t at)
{
    const struct claim_state *const state = call->state;
    ret_due->partition = state->partition;
    case_fill(
        call, &ret_due->record, redis_reply_text(redis_reply_at(list, at)),
        redis_reply_text(redis_reply_at(list, at + 2)));
    if (redis_reply_i64(redis_reply_at(list, at + 1), &ret_due->score.ms))
        redis_call_fail_shape(call);
}

/* {1 when claims were looked at, next score or "", {case, score, value, ...}} */
static void claim_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct claim_state *const state = call->state;
    const struct text next = redis_reply_text(redis_reply_at(reply, 1));
    const struct redisReply *const list = redis_reply_at(reply, 2);
    const size_t count = redis_reply_count(list) / 3;
    int64_t looked = 0;
    (void)part;
    struct store_due *const due = redis_call_array(call, count, sizeof *due);
    if (redis_reply_i64(redis_reply_at(reply, 0), &looked) ||
        (next.bytes && text_parse_i64(next, &state->claimed.next.ms)))
        redis_call_fail_shape(call);
    for (size_t i = 0; i < count; i++)
        due_fill(call, &due[i], list, 3 * i);
    state->claimed.due = due;
    state->claimed.due_count = count;
    state->claimed.has_next = next.bytes > 0;
    if (!call->err)
        redis_claim_settle(claims_of(call), &state->asked, looked, count >= state->max);
}

static void claim_failed(struct redis_call *call)
{
    const struct claim_state *const state = call->state;
    redis_claim_failed(claims_of(call), &state->asked);
}

static void claim_answer(struct redis_call *call)
{
    static const struct store_claimed nothing;
    const struct claim_state *const state = call->state;
    call->done.claim(
        call->context, call->err, call->why.text, call->err ? &nothing : &state->claimed);
}

void redis_timers_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    bool when_idle,
    store_claim_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct claim_state), context);
    struct claim_state *const state = call->state;
    struct redis_command command;
    state->partition = partition;
    state->max = max;
    call->done.claim = done;
    call->on_reply = claim_reply;
    call->on_failed = claim_failed;
    call->answer = claim_answer;
    redis_function(call, &command, "nrt1_claim", partition, "");
    redis_command_i64(&command, now.ms);
    redis_command_i64(&command, (int64_t)max);
    redis_command_string(&command, when_idle ? "1" : "");
    state->asked = redis_claim_ask(call->self, claims_of(call), &command);
    redis_call_send(call, 0, &command, 0);
    redis_call_sent(call);
}
