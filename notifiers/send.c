/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crossing: intent on disk, mark in the mailbox, post, outcome on disk. In this order and
 * never another, so that at every instruction either nothing has left us or we know that
 * something may have.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/crypto.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/notifier_parts.h"

/* ---- posting ---- */

static struct text no_text(void)
{
    return (struct text){0};
}

#define RECEIVERS_MAX 64

/* A group's people, or the one person. */
static size_t find_receivers(
    const struct mail_job *job, struct channel_receiver ret_receivers[static RECEIVERS_MAX])
{
    const struct bundle *bundle = job->notifier->env->bundle;
    struct text group;
    const bool to_group = route_is_group(job->person, &group);
    const struct text_list one = {.items = &job->person, .count = 1};
    const struct text_list people = to_group ? job->entry.to : one;
    size_t count = 0;
    for (size_t index = 0; index < people.count && count < RECEIVERS_MAX; index++) {
        const struct text mobile = route_mobile(bundle, people.items[index]);
        if (mobile.bytes > 0) {
            ret_receivers[count++] =
                (struct channel_receiver){.person = people.items[index], .mobile = mobile};
        }
    }
    return count;
}

enum err send_encode(const struct mail_job *job, struct http_request *request, struct err_why *why)
{
    struct role_env *env = job->notifier->env;
    struct channel_receiver receivers[RECEIVERS_MAX];
    struct channel_call call = {
        .settings = job->settings,
        .public_url = env->settings->public_url,
        .now = role_now(env),
        .message = {.id = job->id, .title = job->title, .text = job->text, .receivers = receivers},
    };
    (void)route_is_group(job->person, &call.message.group);
    call.message.receiver_count = find_receivers(job, receivers);
    crypto_random(call.nonce, sizeof(call.nonce));
    channel_request_init(request, job->type->method, job->settings);
    return job->type->encode(&call, request, why);
}

void send_release_post(struct mail_job *job)
{
    if (job->holds_post) {
        job->holds_post = false;
        channel_state_of(job->notifier, job)->posts--;
        job->notifier->counts.posts_in_flight--;
    }
}

static bool hold_post(struct mail_job *job)
{
    struct channel_state *channel = channel_state_of(job->notifier, job);
    struct notifier_counts *counts = &job->notifier->counts;
    if (!job->type->has_network) {
        return true;
    }
    if (channel->posts >= POSTS_CHANNEL_MAX || counts->posts_in_flight >= POSTS_MAX) {
        return false;
    }
    channel->posts++;
    counts->posts_in_flight++;
    job->holds_post = true;
    return true;
}

static void answered(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    send_release_post(job);
    job->outcome_at = role_now(notifier->env);
    job->state = JOB_ANSWERED;
    notifier_pump_in(notifier, 0);
}

static void tell_fuse_opened(const struct mail_job *job, const struct fuse *fuse)
{
    log_error(
        "channel_closed", "channel=%.*s cause=%s reason=\"%s\" probe_in_ms=%" PRId64,
        TEXT_ARGS(job->channel), outcome_cause_name(job->outcome.cause), job->outcome.reason,
        fuse->open_ms);
}

/* What an answer says about the channel and the mailbox, beside the message. */
static void learn(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    struct fuse *fuse = &channel_state_of(notifier, job)->fuse;
    struct throttle *throttle = throttle_of(notifier, job);
    const struct outcome *outcome = &job->outcome;
    const struct wall_ms now = role_now(notifier->env);
    switch (outcome->cause) {
    case CAUSE_NONE:
        if (fuse->open) {
            log_info("channel_open_again", "channel=%.*s", TEXT_ARGS(job->channel));
        }
        fuse_good(fuse);
        break;
    case CAUSE_CREDENTIAL:
        notifier->counts.channel_credential_failures_total++;
        if (fuse_bad(fuse, now, true)) {
            tell_fuse_opened(job, fuse);
        }
        break;
    case CAUSE_TRANSPORT:
        if (fuse_bad(fuse, now, false)) {
            tell_fuse_opened(job, fuse);
        }
        break;
    case CAUSE_RATE:
        if (throttle) {
            const int64_t closed_ms =
                outcome->after_ms >= 0 ? outcome->after_ms : job->type->closed_ms;
            throttle_close(throttle, wall_add(now, closed_ms));
            log_warn(
                "mailbox_closed", "channel=%.*s mailbox=%.*s closed_ms=%" PRId64,
                TEXT_ARGS(job->channel), TEXT_ARGS(job->person), closed_ms);
        }
        break;
    case CAUSE_RATE_ALL:
    case CAUSE_TOKEN:
    case CAUSE_COUNT:
        break;
    }
    watch_answer(notifier, job->channel, outcome);
}

static void on_answer(void *context, const struct http_answer *answer)
{
    struct mail_job *job = context;
    failpoint_hit("mail_after_answer");
    channel_classify(job->type, job->settings, answer, &job->outcome);
    if (answer->result != HTTP_FORBIDDEN) {
        learn(job);
    }
    answered(job);
}

static void post(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    struct err_why why = {0};
    struct http_request request;
    const enum err err = send_encode(job, &request, &why);
    job->state = JOB_POSTING;
    notifier->counts.posts_total++;
    if (err) { /* settings changed since it was composed */
        outcome_set(&job->outcome, OUTCOME_REJECTED, CAUSE_NONE, why.text, no_text());
        answered(job);
    } else if (job->type->has_network) {
        notifier->engine->ops->post(notifier->engine, &request, on_answer, job);
        failpoint_hit("mail_after_post");
    } else {
        failpoint_hit("mail_after_post");
        channel_classify(job->type, job->settings, NULL, &job->outcome);
        failpoint_hit("mail_after_answer");
        answered(job);
    }
    http_request_release(&request);
}

/* ---- marking ---- */

static void on_marked(void *context, enum err err, const char *why, const bool *ours, size_t count)
{
    struct job_call *call = context;
    if (err || count != call->job_count) {
        notifier_store_trouble(call->notifier, "mail_mark", err, why);
        job_call_failed(call, JOB_MARK);
        return;
    }
    failpoint_hit("mail_after_mark");
    for (size_t index = 0; index < count; index++) {
        if (ours[index]) {
            post(call->jobs[index]);
        } else {
            log_warn("mail_claim_lost", "message=%.*s", TEXT_ARGS(call->jobs[index]->id));
            job_give(call->jobs[index]);
        }
    }
    job_call_give(call);
}

void send_mark(struct notifier *notifier)
{
    const int32_t partitions = store_partitions(notifier->env->store);
    for (int32_t partition = 0; partition < partitions; partition++) {
        struct mail_job *jobs[STORE_BATCH_MAX];
        struct mail_name names[STORE_BATCH_MAX];
        const size_t count = jobs_collect(notifier, JOB_MARK, partition, jobs);
        if (count == 0) {
            continue;
        }
        for (size_t index = 0; index < count; index++) {
            names[index] = (struct mail_name){
                .person = jobs[index]->person,
                .channel = jobs[index]->channel,
                .id = jobs[index]->id,
            };
        }
        struct job_call *call = job_call_take(notifier, jobs, count, JOB_MARKING);
        store_mail_mark(notifier->env->store, partition, names, count, on_marked, call);
    }
}

/* ---- the journal ---- */

static void conclude(struct mail_job *job)
{
    const struct mail_entry *entry = &job->entry;
    const struct wall_ms first = entry->first_at.ms > 0 ? entry->first_at : job->outcome_at;
    const struct course_question question = {
        .outcome = &job->outcome,
        .attempts = job->attempt,
        .unsures = entry->unsures,
        .has_rest = entry->rest.count > 0,
        .first_at = first,
        .now = role_now(job->notifier->env),
        .fallback_after_ms = job->settings ? job->settings->fallback_after_ms : 0,
        .random = prng_next(&job->notifier->prng),
    };
    const struct course course = course_after(&question);
    settle_course(job, &course);
}

static struct journal_intent intent_of(const struct mail_job *job, struct wall_ms now)
{
    return (struct journal_intent){
        .id = job->id,
        .attempt = job->attempt,
        .person = job->person,
        .channel = job->channel,
        .title = job->title,
        .text = job->text,
        .at = now,
    };
}

static struct journal_outcome outcome_of(const struct mail_job *job)
{
    return (struct journal_outcome){
        .id = job->id,
        .attempt = job->attempt,
        .at = job->outcome_at,
        .outcome = &job->outcome,
    };
}

/* Jobs that may be posted, within the bounds of their channels. */
static size_t sendable(struct notifier *notifier, struct mail_job *ret_jobs[static STORE_BATCH_MAX])
{
    struct mail_job *jobs[STORE_BATCH_MAX];
    const size_t count = jobs_collect(notifier, JOB_SEND, -1, jobs);
    size_t held = 0;
    for (size_t index = 0; index < count; index++) {
        if (hold_post(jobs[index])) {
            ret_jobs[held++] = jobs[index];
        }
    }
    return held;
}

static void intents_written(struct mail_job *const *jobs, size_t count, bool on_disk)
{
    for (size_t index = 0; index < count; index++) {
        struct mail_job *job = jobs[index];
        if (on_disk) {
            job->state = JOB_MARK;
        } else { /* no intent, no post */
            send_release_post(job);
            job->not_before_real_ms = loop_real_ms(job->notifier->env->loop) + RETRY_JOURNAL_MS;
        }
    }
}

void send_write(struct notifier *notifier)
{
    struct mail_job *sends[STORE_BATCH_MAX];
    struct mail_job *ends[STORE_BATCH_MAX];
    struct journal_intent intents[STORE_BATCH_MAX];
    struct journal_outcome outcomes[STORE_BATCH_MAX];
    const size_t send_count = sendable(notifier, sends);
    const size_t end_count = jobs_collect(notifier, JOB_ANSWERED, -1, ends);
    struct journal_batch batch = {.intents = intents, .outcomes = outcomes};
    struct err_why why = {0};
    for (size_t index = 0; index < send_count; index++) {
        intents[batch.intent_count++] = intent_of(sends[index], role_now(notifier->env));
    }
    for (size_t index = 0; index < end_count; index++) {
        if (!ends[index]->outcome_on_disk) {
            outcomes[batch.outcome_count++] = outcome_of(ends[index]);
        }
    }
    enum err err = ERR_OK;
    if (batch.intent_count + batch.outcome_count > 0) {
        err = send_journal_write(notifier->journal, &batch, &why);
    }
    if (err) {
        notifier->counts.send_journal_failures_total++;
        log_error(
            "send_journal_failed", "err=%s why=\"%s\" retry_in_ms=%d", err_name(err), why.text,
            RETRY_JOURNAL_MS);
    } else if (batch.intent_count > 0) {
        failpoint_hit("mail_after_intent");
    }
    if (!err && batch.outcome_count > 0) {
        failpoint_hit("mail_after_outcome");
    }
    intents_written(sends, send_count, err == ERR_OK);
    for (size_t index = 0; index < end_count; index++) {
        conclude(ends[index]); /* also without the disk: the mailbox is told in any case */
    }
}
