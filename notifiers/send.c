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
#include "notifiers/message_link.h"
#include "notifiers/notifier_parts.h"

/* ---- posting ---- */

#define LINK_BYTES_MAX 4096
#define CROWDED_MS     2000 /* how long a message waits for room in its channel */

static struct text no_text(void)
{
    return (struct text){0};
}

struct channel_call send_call(const struct mail_job *job)
{
    struct role_env *env = job->notifier->env;
    struct channel_call call = {
        .settings = job->settings,
        .public_url = env->settings->public_url,
        .now = role_now(env),
        .token = job->token.text,
    };
    crypto_random(call.nonce, sizeof(call.nonce));
    return call;
}

/* Where the message leads to: what its words say, else the page of its case. */
static struct text link_of(const struct mail_job *job, struct buf *buf)
{
    const struct text base = job->notifier->env->settings->public_url;
    const struct text said = message_link(job->text, base);
    if (said.bytes > 0 || base.bytes == 0 || job->entry.case_id.bytes == 0) {
        return said;
    }
    buf_text(buf, base);
    if (base.ptr[base.bytes - 1] != '/') {
        buf_char(buf, '/');
    }
    buf_string(buf, "cases/");
    crypto_url_encode(buf, job->entry.case_id);
    return buf_view(buf);
}

enum err send_encode(struct mail_job *job, struct http_request *request, struct err_why *why)
{
    struct channel_call call = send_call(job);
    struct buf link;
    channel_request_init(request, job->type->method, job->settings);
    if (!job->is_fetched && (fetch_is_needed(job->type) || !fetch_job(job))) {
        return ERR_OK; /* encoded once all of it is here */
    }
    buf_init(&link, LINK_BYTES_MAX);
    call.message = (struct channel_message){
        .id = job->id,
        .title = job->title,
        .text = job->text,
        .receivers = job->receivers,
        .receiver_count = job->receiver_count,
        .link = link_of(job, &link),
        .template = job->entry.vendor_template,
        .params = job->entry.params,
        .param_count = job->entry.param_count,
    };
    (void)route_is_group(job->person, &call.message.group);
    const enum err err = job->type->encode(&call, request, why);
    buf_release(&link);
    return err;
}

void send_release_post(struct mail_job *job)
{
    if (job->holds_post) {
        job->holds_post = false;
        channel_state_of(job->notifier, job)->posts--;
        job->notifier->counts.posts_in_flight--;
    }
}

static bool has_room(const struct mail_job *job)
{
    const struct channel_state *channel = channel_state_of(job->notifier, job);
    const int32_t most = channel->posts == 0 ? POSTS_MAX + POSTS_FIRST_MAX : POSTS_MAX;
    return !job->type->has_network || (channel->posts < window_size(&channel->window) &&
                                       job->notifier->counts.posts_in_flight < most);
}

bool send_hold_post(struct mail_job *job)
{
    if (!job->type->has_network) {
        return true;
    }
    if (!has_room(job)) {
        return false;
    }
    channel_state_of(job->notifier, job)->posts++;
    job->notifier->counts.posts_in_flight++;
    job->holds_post = true;
    return true;
}

void send_answered(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    send_release_post(job);
    job->outcome_at = role_now(notifier->env);
    job->state = JOB_ANSWERED;
    notifier_pump_in(notifier, 0);
}

static void close_channel(
    const struct channel_settings *settings,
    struct channel_state *channel,
    const struct outcome *outcome)
{
    (void)snprintf(channel->closed_reason, sizeof(channel->closed_reason), "%s", outcome->reason);
    log_error(
        "channel_closed", "channel=%.*s cause=%s reason=\"%s\" probe_in_ms=%" PRId64,
        TEXT_ARGS(settings->name), outcome_cause_name(outcome->cause), outcome->reason,
        channel->fuse.open_ms);
}

void channel_learn(
    struct notifier *notifier,
    const struct channel_settings *settings,
    const struct outcome *outcome)
{
    struct channel_state *channel = channel_state_named(notifier, settings);
    const struct wall_ms now = role_now(notifier->env);
    switch (outcome->cause) {
    case CAUSE_NONE:
        if (channel->fuse.open) {
            log_info("channel_open_again", "channel=%.*s", TEXT_ARGS(settings->name));
        }
        fuse_good(&channel->fuse);
        window_good(&channel->window);
        channel->closed_reason[0] = '\0';
        break;
    case CAUSE_CREDENTIAL:
        notifier->counts.channel_credential_failures_total++;
        if (fuse_bad(&channel->fuse, now, true)) {
            close_channel(settings, channel, outcome);
        }
        break;
    case CAUSE_TRANSPORT:
        window_bad(&channel->window);
        if (fuse_bad(&channel->fuse, now, false)) {
            close_channel(settings, channel, outcome);
        }
        break;
    case CAUSE_RATE:
    case CAUSE_RATE_ALL:
    case CAUSE_TOKEN:
    case CAUSE_COUNT:
        break;
    }
    watch_answer(notifier, settings->name, outcome);
}

static void on_answer(void *context, const struct http_answer *answer)
{
    struct mail_job *job = context;
    failpoint_hit("mail_after_answer");
    channel_classify(job->type, job->settings, answer, &job->outcome);
    tokens_answered(job->notifier->tokens, job->settings, job->token.number, &job->outcome);
    if (answer->result != HTTP_FORBIDDEN) {
        channel_learn(job->notifier, job->settings, &job->outcome);
    }
    if (job->outcome.cause == CAUSE_RATE || job->outcome.cause == CAUSE_RATE_ALL) {
        throttle_heed(job);
    }
    send_answered(job);
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
        send_answered(job);
    } else if (job->type->has_network) {
        notifier->engine->ops->post(notifier->engine, &request, on_answer, job);
        failpoint_hit("mail_after_post");
    } else {
        failpoint_hit("mail_after_post");
        channel_classify(job->type, job->settings, NULL, &job->outcome);
        failpoint_hit("mail_after_answer");
        send_answered(job);
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
        .has_receipts = channel_has_receipts(job->notifier->env->settings, job->settings),
        .can_be_asked = poll_is_possible(job),
        .deduplicates = job->type && job->type->deduplicates,
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
        .template = job->entry.vendor_template,
        .params = job->entry.params,
        .param_count = job->entry.param_count,
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

/* Nothing has to be asked or fetched before it goes. */
static bool is_ready(struct mail_job *job)
{
    return await_lets_send(job) && fetch_job(job);
}

/* Its gateway is slow: it leaves its place to messages of other channels. */
static void wait_elsewhere(struct mail_job *job)
{
    const int64_t wait_ms = prng_range(&job->notifier->prng, CROWDED_MS, 2 * (int64_t)CROWDED_MS);
    const struct wall_ms ready = wall_add(role_now(job->notifier->env), wait_ms);
    settle_defer(job, "held", ready, "the gateway has enough under way");
}

static bool takes_place(struct mail_job *job, int64_t real_ms)
{
    if (has_room(job)) {
        return is_ready(job) && send_hold_post(job);
    }
    if (real_ms - job->claimed_real_ms > CROWDED_MS) {
        wait_elsewhere(job);
    }
    return false;
}

/* Jobs that may be posted, within the bounds of their channels; of all, not of the first few. */
static size_t sendable(struct notifier *notifier, struct mail_job *ret_jobs[static STORE_BATCH_MAX])
{
    const int64_t real_ms = loop_real_ms(notifier->env->loop);
    size_t held = 0;
    for (size_t index = 0; index < JOBS_MAX && held < STORE_BATCH_MAX; index++) {
        struct mail_job *job = &notifier->jobs[index];
        const bool is_due = job->state == JOB_SEND && job->not_before_real_ms <= real_ms;
        if (is_due && takes_place(job, real_ms)) {
            ret_jobs[held++] = job;
        }
    }
    return held;
}

static void intents_written(struct mail_job *const *jobs, size_t count, bool on_disk)
{
    for (size_t index = 0; index < count; index++) {
        struct mail_job *job = jobs[index];
        if (on_disk) {
            control_sent(job->notifier->control, job->attempt == 1 ? 1 : 0);
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
        sends[index]->sent_at = role_now(notifier->env);
        intents[batch.intent_count++] = intent_of(sends[index], sends[index]->sent_at);
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
