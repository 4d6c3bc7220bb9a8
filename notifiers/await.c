/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that have left us and whose fate is not yet known. An accepted one with another channel
 * left, or at a gateway that can be asked, stays in its mailbox until a receipt, an answer or the
 * time decides. One that nobody was sure of is asked after before it goes out again.
 *
 * The mailbox entry is what is waited with; the receipt keys of the store only make it ready
 * sooner, and remember what came too early. So a key that a crash left unregistered costs time
 * and nothing else: whoever claims the entry registers it again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/notifier_parts.h"
#include "notifiers/receipt_key.h"

#define REGISTER_MAX 4096                  /* waiting for their turn; the rest looks when ready */
#define AWAITS_MAX   (STORE_BATCH_MAX / 2) /* messages a call: each may have two keys */

struct registering {
    char *person;
    char *channel;
    char *id;
    char *gateway_id;
};

struct awaits {
    struct notifier *notifier;
    struct registering waiting[REGISTER_MAX];
    size_t count;
    size_t asked; /* of them, in the call under way */
    int64_t not_before_real_ms;
};

bool channel_has_receipts(const struct settings *settings, const struct channel_settings *channel)
{
    const struct channel_type *type = channel ? channel_type_find(channel->type) : NULL;
    return type && (type->decode_receipts || type->decode_receipts_by) &&
           settings->public_url.bytes > 0 && channel_option(channel, "receipt_secret").bytes > 0;
}

/* ---- keys ---- */

struct keys {
    struct arena arena;
    struct receipt_await awaits[STORE_BATCH_MAX];
    size_t count;
};

static void add_keys(struct keys *keys, const struct mail_name *name, struct text gateway_id)
{
    keys->awaits[keys->count++] = (struct receipt_await){
        .key = receipt_key_of_message(&keys->arena, name->id), .name = *name};
    if (gateway_id.bytes > 0) {
        keys->awaits[keys->count++] = (struct receipt_await){
            .key = receipt_key_of_gateway(&keys->arena, name->channel, gateway_id), .name = *name};
    }
}

/* The highest rank of the keys of one message; *at moves behind them. */
static int32_t take_rank(const int32_t *ranks, size_t *at, struct text gateway_id)
{
    int32_t rank = ranks[(*at)++];
    if (gateway_id.bytes > 0) {
        const int32_t other = ranks[(*at)++];
        rank = other > rank ? other : rank;
    }
    return rank;
}

/* ---- registering what has just been settled ---- */

static void forget(struct registering *one)
{
    free(one->person);
    free(one->channel);
    free(one->id);
    free(one->gateway_id);
    *one = (struct registering){0};
}

static void forget_first(struct awaits *awaits, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        forget(&awaits->waiting[index]);
    }
    awaits->count -= count;
    memmove(awaits->waiting, awaits->waiting + count, awaits->count * sizeof(awaits->waiting[0]));
}

void await_settled(const struct mail_job *job)
{
    struct awaits *awaits = job->notifier->awaits;
    if (!job->course.awaiting || awaits->count == REGISTER_MAX) {
        return;
    }
    struct registering *one = &awaits->waiting[awaits->count];
    *one = (struct registering){
        .person = text_copy(job->person),
        .channel = text_copy(job->channel),
        .id = text_copy(job->id),
        .gateway_id = text_copy(text_of(job->outcome.gateway_id)),
    };
    if (one->person && one->channel && one->id && one->gateway_id) {
        awaits->count++;
    } else {
        forget(one);
    }
    failpoint_hit("await_after_settle");
    notifier_pump_in(job->notifier, 0);
}

static void on_hurried(void *context, enum err err, const char *why)
{
    struct notifier *notifier = context;
    if (err) {
        notifier_store_trouble(notifier, "mail_hurry", err, why);
    }
    mail_claim_all(notifier);
}

static void hurry(struct notifier *notifier, const struct registering *one)
{
    struct role_env *env = notifier->env;
    const struct mail_name name = {
        .person = text_of(one->person), .channel = text_of(one->channel), .id = text_of(one->id)};
    store_mail_hurry(
        env->store, store_partition_of(env->store, name.person), &name, 1, role_now(env),
        on_hurried, notifier);
}

static void on_registered(
    void *context, enum err err, const char *why, const int32_t *ranks, size_t count)
{
    struct awaits *awaits = context;
    const size_t asked = awaits->asked;
    size_t at = 0;
    awaits->asked = 0;
    if (err) {
        notifier_store_trouble(awaits->notifier, "receipts_await", err, why);
        awaits->not_before_real_ms = loop_real_ms(awaits->notifier->env->loop) + RETRY_STORE_MS;
        notifier_pump_in(awaits->notifier, RETRY_STORE_MS);
        return;
    }
    for (size_t index = 0; index < asked && at < count; index++) {
        const struct registering *one = &awaits->waiting[index];
        if (take_rank(ranks, &at, text_of(one->gateway_id)) >= RECEIPT_RANK_TELLS) {
            hurry(awaits->notifier, one); /* the receipt was faster than we */
        }
    }
    forget_first(awaits, asked);
    notifier_pump_in(awaits->notifier, 0);
}

void await_register(struct notifier *notifier)
{
    struct awaits *awaits = notifier->awaits;
    if (awaits->count == 0 || awaits->asked > 0 ||
        loop_real_ms(notifier->env->loop) < awaits->not_before_real_ms) {
        return;
    }
    struct keys keys = {0};
    arena_init(&keys.arena, 0);
    for (size_t index = 0; index < awaits->count && index < AWAITS_MAX; index++) {
        const struct registering *one = &awaits->waiting[index];
        const struct mail_name name = {
            .person = text_of(one->person),
            .channel = text_of(one->channel),
            .id = text_of(one->id)};
        add_keys(&keys, &name, text_of(one->gateway_id));
        awaits->asked++;
    }
    store_receipts_await(notifier->env->store, keys.awaits, keys.count, on_registered, awaits);
    arena_release(&keys.arena);
}

/* ---- deciding ---- */

static bool is_waiting(const struct mail_job *job)
{
    return job->entry.accepted_at.ms > 0;
}

static bool can_be_asked(const struct mail_job *job)
{
    return job->type && job->type->poll_encode;
}

static struct course_wait wait_of(const struct mail_job *job, bool just_asked)
{
    const bool by_phone = job->type && job->type->address == ADDRESS_MOBILE;
    return (struct course_wait){
        .known = job->known,
        .has_rest = job->entry.rest.count > 0,
        .can_be_asked = can_be_asked(job),
        .can_be_read = !by_phone, /* no SMS gateway knows who has read */
        .just_asked = just_asked,
        .polls = job->entry.polls,
        .accepted_at = job->entry.accepted_at,
        .now = role_now(job->notifier->env),
        .fallback_after_ms = job->settings ? job->settings->fallback_after_ms : 0,
    };
}

static void hand_on(struct mail_job *job)
{
    const bool undelivered = job->known == COURSE_UNDELIVERED;
    struct notifier_counts *counts = &job->notifier->counts;
    *(undelivered ? &counts->messages_undelivered_total : &counts->receipts_missed_total) += 1;
    log_warn(
        "message_handed_on", "message=%.*s channel=%.*s reason=%s", TEXT_ARGS(job->id),
        TEXT_ARGS(job->channel), undelivered ? "undelivered" : "no_receipt");
    job->silent = false;
    job->entry.accepted_at = (struct wall_ms){0}; /* the next channel's message waits for nothing */
    job->entry.gateway_id = (struct text){0};
    job->entry.polls = 0;
    settle_end(
        job, "accepted",
        undelivered ? "not delivered: the next channel takes over"
                    : "no receipt in time: the next channel takes over",
        true);
}

static void end(struct mail_job *job)
{
    if (job->known == COURSE_UNDELIVERED) {
        job->notifier->counts.messages_undelivered_total++;
        log_error(
            "message_undelivered", "message=%.*s person=%.*s channel=%.*s", TEXT_ARGS(job->id),
            TEXT_ARGS(job->person), TEXT_ARGS(job->channel));
    }
    settle_end(job, "accepted", "", false);
}

void await_decide(struct mail_job *job, bool just_asked)
{
    const struct course_wait wait = wait_of(job, just_asked);
    const struct course_waited next = course_while_waiting(&wait);
    if (job->known == COURSE_DELIVERED || job->known == COURSE_READ) {
        job->entry.rest = (struct text_list){0}; /* it is there: no other channel is wanted */
    }
    switch (next.step) {
    case COURSE_END:
        end(job);
        break;
    case COURSE_ASK:
        job->state = JOB_POLL;
        break;
    case COURSE_LATER:
        settle_defer(job, "accepted", next.ready, "");
        break;
    case COURSE_NEXT_CHANNEL:
        hand_on(job);
        break;
    }
}

void await_found(struct mail_job *job, const char *reason)
{
    job->silent = false;
    if (job->known != COURSE_NOTHING) {
        job->entry.accepted_at = role_now(job->notifier->env);
        await_decide(job, true);
        return;
    }
    char gateway_id[GATEWAY_ID_BYTES];
    (void)snprintf(gateway_id, sizeof(gateway_id), "%.*s", TEXT_ARGS(job->entry.gateway_id));
    outcome_set(&job->outcome, OUTCOME_ACCEPTED, CAUSE_NONE, reason, (struct text){0});
    memcpy(job->outcome.gateway_id, gateway_id, sizeof(gateway_id));
    job->attempt = job->entry.attempts;
    send_answered(job);
}

void await_unknown(struct mail_job *job)
{
    job->asked = true;
    if (job->barred) {
        mail_wait_for_fuse(job);
    } else {
        job->state = JOB_SEND;
    }
}

/* ---- looking receipts up ---- */

bool await_takes(struct mail_job *job)
{
    if (!is_waiting(job)) {
        return false;
    }
    job->silent = true; /* that it was accepted has been told */
    job->state = JOB_AWAIT;
    return true;
}

bool await_lets_send(struct mail_job *job)
{
    const bool tells =
        channel_has_receipts(job->notifier->env->settings, job->settings) || can_be_asked(job);
    if (job->asked || job->entry.unsures == 0 || !tells || job->type->deduplicates) {
        return true;
    }
    job->state = JOB_AWAIT;
    return false;
}

static void looked(struct mail_job *job, int32_t rank)
{
    job->known = receipt_known(rank);
    if (is_waiting(job)) {
        await_decide(job, false);
    } else if (rank > 0) {
        await_found(job, "a receipt of it has come");
    } else if (can_be_asked(job)) {
        job->state = JOB_POLL;
    } else {
        await_unknown(job);
    }
}

static void on_looked(
    void *context, enum err err, const char *why, const int32_t *ranks, size_t count)
{
    struct job_call *call = context;
    size_t at = 0;
    if (err) {
        notifier_store_trouble(call->notifier, "receipts_await", err, why);
        job_call_failed(call, JOB_AWAIT);
        return;
    }
    for (size_t index = 0; index < call->job_count && at < count; index++) {
        struct mail_job *job = call->jobs[index];
        looked(job, take_rank(ranks, &at, job->entry.gateway_id));
    }
    job_call_give(call);
}

void await_look(struct notifier *notifier)
{
    struct mail_job *jobs[STORE_BATCH_MAX];
    size_t count = jobs_collect(notifier, JOB_AWAIT, -1, jobs);
    struct keys keys = {0};
    count = count < AWAITS_MAX ? count : AWAITS_MAX;
    if (count == 0) {
        return;
    }
    arena_init(&keys.arena, 0);
    for (size_t index = 0; index < count; index++) {
        const struct mail_name name = {
            .person = jobs[index]->person, .channel = jobs[index]->channel, .id = jobs[index]->id};
        add_keys(&keys, &name, jobs[index]->entry.gateway_id);
    }
    struct job_call *call = job_call_take(notifier, jobs, count, JOB_AWAITING);
    store_receipts_await(notifier->env->store, keys.awaits, keys.count, on_looked, call);
    arena_release(&keys.arena);
}

/* ---- beginning and end ---- */

struct awaits *awaits_create(struct notifier *notifier)
{
    struct awaits *awaits = calloc(1, sizeof(*awaits));
    if (awaits) {
        awaits->notifier = notifier;
    }
    return awaits;
}

void awaits_free(struct awaits *awaits)
{
    if (awaits) {
        forget_first(awaits, awaits->count);
        free(awaits);
    }
}

bool awaits_is_idle(const struct awaits *awaits)
{
    return awaits->count == 0;
}
