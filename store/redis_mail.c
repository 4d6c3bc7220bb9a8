/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mailboxes: putting (a request for each partition that has any), claiming, marking, settling.
 * Person and channel are joined by ':' in a mailbox's key. Should two mailboxes ever share a key
 * that way, nothing is mixed up: message ids are unique over both.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "store/redis_store.h"

/* "READY", or "READY;GATHER" of what may be gathered. */
static void ready_add(struct redis_command *command, struct wall_ms ready, struct wall_ms gather)
{
    char head[24];
    char tail[24] = "";
    (void)snprintf(head, sizeof head, "%" PRId64, ready.ms);
    if (gather.ms > 0)
        (void)snprintf(tail, sizeof tail, ";%" PRId64, gather.ms);
    redis_command_joined(command, text_of(head), text_of(tail));
}

static void item_add(struct redis_command *command, const struct mail_item *item)
{
    redis_command_text(command, item->person);
    redis_command_text(command, item->channel);
    redis_command_text(command, item->id);
    ready_add(command, item->ready, item->gather);
    redis_command_text(command, item->entry);
    redis_command_text(command, item->facts);
}

static void name_add(struct redis_command *command, const struct mail_name *name)
{
    redis_command_text(command, name->person);
    redis_command_text(command, name->channel);
    redis_command_text(command, name->id);
}

/* ---- put ---- */

struct put_state {
    int32_t *partitions; /* of each item */
    bool *is_new;
};

static void put_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct put_state *const state = call->state;
    size_t at = 0;
    for (size_t i = 0; i < call->count; i++) {
        int64_t is_new = 0;
        if (state->partitions[i] != (int32_t)part)
            continue;
        if (redis_reply_i64(redis_reply_at(reply, at++), &is_new))
            redis_call_fail_shape(call);
        state->is_new[i] = is_new;
    }
}

static void put_answer(struct redis_call *call)
{
    const struct put_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.put(call->context, call->err, call->why.text, count ? state->is_new : NULL, count);
}

static void put_partition(struct redis_call *call, const struct mail_item *items, int32_t partition)
{
    const struct put_state *const state = call->state;
    struct redis_command command;
    size_t found = 0;
    redis_function(call, &command, "nrt1_mail_put", partition, "");
    for (size_t i = 0; i < call->count; i++) {
        if (state->partitions[i] != partition)
            continue;
        item_add(&command, &items[i]);
        found++;
    }
    if (found) {
        redis_call_send(call, (size_t)partition, &command, 0);
    } else {
        redis_command_release(&command);
    }
}

void redis_mail_put(
    struct store *store,
    const struct mail_item *items,
    size_t count,
    store_put_done *done,
    void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct put_state), context);
    struct put_state *const state = call->state;
    call->count = count;
    call->done.put = done;
    call->on_reply = put_reply;
    call->answer = put_answer;
    state->partitions = redis_call_array(call, count, sizeof *state->partitions);
    state->is_new = redis_call_array(call, count, sizeof *state->is_new);
    for (size_t i = 0; i < count; i++)
        state->partitions[i] = store_partition_of(store, items[i].person);
    for (int32_t partition = 0; partition < store->partitions; partition++)
        put_partition(call, items, partition);
    redis_call_sent(call);
}

/* ---- claim ---- */

struct mail_claim_state {
    int32_t partition;
    struct wall_ms now;
    size_t max;
    bool takes_back; /* this request looks for what is to be taken back, and for nothing else */
    struct redis_claim_asked asked;
    struct mail_claimed claimed;
};

static struct redis_claim_state *claims_of(struct redis_call *call)
{
    const struct mail_claim_state *const state = call->state;
    return &call->self->mail_claims[state->partition];
}

/* The bytes before the first NUL; *rest is what follows it. */
static struct text cut_at_nul(struct text *rest)
{
    const char *const end = rest->bytes ? memchr(rest->ptr, '\0', rest->bytes) : NULL;
    const struct text head = {.ptr = rest->ptr, .bytes = end ? (size_t)(end - rest->ptr) : 0};
    if (end)
        *rest = (struct text){.ptr = end + 1, .bytes = rest->bytes - head.bytes - 1};
    return head;
}

/*
 * What earlier sessions had is looked for among all claims there are. When a first claim was full
 * and so may have left some of it, it is asked for by itself (as if nothing were due) until there
 * is none left; then what is due, in the same call. Else every claim of a long queue would look.
 */
static void mail_claim_send(struct redis_call *call)
{
    struct mail_claim_state *const state = call->state;
    const struct redis_claim_state *const claims = claims_of(call);
    struct redis_command command;
    state->takes_back = claims->take_older && claims->sequence_last > 0;
    redis_function(call, &command, "nrt1_mail_claim", state->partition, "");
    redis_command_i64(&command, state->takes_back ? 0 : state->now.ms);
    redis_command_i64(&command, (int64_t)state->max);
    state->asked = redis_claim_ask(call->self, claims_of(call), &command);
    redis_call_send(call, 0, &command, 0);
}

/* {next score or "", {person \0 channel \0 id, entry, mark, ...}} */
static void mail_claim_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    struct mail_claim_state *const state = call->state;
    const struct text next = redis_reply_text(redis_reply_at(reply, 0));
    const struct redisReply *const list = redis_reply_at(reply, 1);
    const size_t count = redis_reply_count(list) / 3;
    (void)part;
    struct mail_claim *const mails = redis_call_array(call, count, sizeof *mails);
    if (redis_reply_count(reply) != 2 ||
        (next.bytes && text_parse_i64(next, &state->claimed.next.ms)))
        redis_call_fail_shape(call);
    for (size_t i = 0; i < count; i++) {
        struct text member = redis_reply_text(redis_reply_at(list, 3 * i));
        mails[i].partition = state->partition;
        mails[i].person = cut_at_nul(&member);
        mails[i].channel = cut_at_nul(&member);
        mails[i].id = member;
        mails[i].entry = redis_reply_text(redis_reply_at(list, 3 * i + 1));
        mails[i].marked = text_is(redis_reply_text(redis_reply_at(list, 3 * i + 2)), "1");
    }
    state->claimed = (struct mail_claimed){
        .mails = mails,
        .mail_count = count,
        .has_next = next.bytes > 0,
        .next = state->claimed.next,
    };
    if (call->err)
        return;
    redis_claim_settle(claims_of(call), &state->asked, true, count >= state->max);
    if (state->takes_back && count == 0)
        mail_claim_send(call);
}

static void mail_claim_failed(struct redis_call *call)
{
    const struct mail_claim_state *const state = call->state;
    redis_claim_failed(claims_of(call), &state->asked);
}

static void mail_claim_answer(struct redis_call *call)
{
    static const struct mail_claimed nothing;
    const struct mail_claim_state *const state = call->state;
    call->done.mail_claim(
        call->context, call->err, call->why.text, call->err ? &nothing : &state->claimed);
}

void redis_mail_claim(
    struct store *store,
    int32_t partition,
    struct wall_ms now,
    size_t max,
    store_mail_claim_done *done,
    void *context)
{
    struct redis_call *const call =
        redis_call_create(store, sizeof(struct mail_claim_state), context);
    struct mail_claim_state *const state = call->state;
    state->partition = partition;
    state->now = now;
    state->max = max;
    call->done.mail_claim = done;
    call->on_reply = mail_claim_reply;
    call->on_failed = mail_claim_failed;
    call->answer = mail_claim_answer;
    mail_claim_send(call);
    redis_call_sent(call);
}

/* ---- mark and settle ---- */

struct mark_state {
    bool *ours;
};

static void mark_reply(struct redis_call *call, size_t part, const struct redisReply *reply)
{
    const struct mark_state *const state = call->state;
    (void)part;
    for (size_t i = 0; i < call->count; i++) {
        int64_t ours = 0;
        if (redis_reply_i64(redis_reply_at(reply, i), &ours))
            redis_call_fail_shape(call);
        state->ours[i] = ours;
    }
}

static void mark_answer(struct redis_call *call)
{
    const struct mark_state *const state = call->state;
    const size_t count = call->err ? 0 : call->count;
    call->done.mark(call->context, call->err, call->why.text, count ? state->ours : NULL, count);
}

static struct redis_call *mark_create(
    struct store *store, size_t count, store_mark_done *done, void *context)
{
    struct redis_call *const call = redis_call_create(store, sizeof(struct mark_state), context);
    struct mark_state *const state = call->state;
    call->count = count;
    call->done.mark = done;
    call->on_reply = mark_reply;
    call->answer = mark_answer;
    state->ours = redis_call_array(call, count, sizeof *state->ours);
    return call;
}

static void mark_send(struct redis_call *call, struct redis_command *command)
{
    if (call->count) {
        redis_call_send(call, 0, command, 0);
    } else {
        redis_command_release(command);
    }
    redis_call_sent(call);
}

void redis_mail_mark(
    struct store *store,
    int32_t partition,
    const struct mail_name *names,
    size_t count,
    store_mark_done *done,
    void *context)
{
    struct redis_call *const call = mark_create(store, count, done, context);
    struct redis_command command;
    redis_function(call, &command, "nrt1_mail_mark", partition, "");
    redis_command_text(&command, call->self->instance);
    redis_command_i64(&command, call->self->lease_ms);
    for (size_t i = 0; i < count; i++)
        name_add(&command, &names[i]);
    mark_send(call, &command);
}

void redis_mail_settle(
    struct store *store,
    int32_t partition,
    const struct mail_settle *settles,
    size_t count,
    store_mark_done *done,
    void *context)
{
    struct redis_call *const call = mark_create(store, count, done, context);
    struct redis_command command;
    redis_function(call, &command, "nrt1_mail_settle", partition, "");
    redis_command_text(&command, call->self->instance);
    for (size_t i = 0; i < count; i++) {
        const struct mail_settle *const settle = &settles[i];
        name_add(&command, &settle->name);
        redis_command_string(&command, settle->final ? "1" : "");
        ready_add(&command, settle->ready, settle->gather);
        redis_command_text(&command, settle->entry);
        redis_command_text(&command, settle->facts);
        redis_command_string(&command, settle->has_follower ? "1" : "");
        if (!settle->has_follower)
            continue;
        MUST(text_equal(settle->follower.person, settle->name.person));
        item_add(&command, &settle->follower);
    }
    mark_send(call, &command);
}

void redis_mail_merge(
    struct store *store,
    int32_t partition,
    const struct mail_merge *merge,
    store_mark_done *done,
    void *context)
{
    struct redis_call *const call = mark_create(store, 1, done, context);
    struct redis_command command;
    redis_function(call, &command, "nrt1_mail_merge", partition, "");
    redis_command_text(&command, call->self->instance);
    redis_command_i64(&command, call->self->lease_ms);
    redis_command_text(&command, merge->person);
    redis_command_text(&command, merge->channel);
    redis_command_text(&command, merge->id);
    redis_command_text(&command, merge->entry);
    redis_command_text(&command, merge->facts);
    for (size_t i = 0; i < merge->part_count; i++)
        redis_command_text(&command, merge->parts[i]);
    mark_send(call, &command);
}
