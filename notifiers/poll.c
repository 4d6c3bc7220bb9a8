/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a gateway what became of a message: of an unsure one before it goes out again, of an
 * accepted one whose receipt does not come. A gateway that cannot be asked is asked again later,
 * a bounded number of times, and then treated as one that cannot tell. What a question costs or
 * meets says nothing about sending: the channel's fuse does not hear of it.
 */
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/hide.h"
#include "notifiers/notifier_parts.h"
#include "notifiers/receipt_key.h"

#define UNSURE_POLLS_MAX 6
#define FACT_BYTES_MAX   ((size_t)64 * 1024)

static bool is_unsure(const struct mail_job *job)
{
    return job->entry.accepted_at.ms == 0;
}

static struct channel_question question_of(const struct mail_job *job)
{
    const struct mail_entry *entry = &job->entry;
    return (struct channel_question){
        .message = job->id,
        .gateway_id = entry->gateway_id,
        .mobile = job->receiver_count > 0 ? job->receivers[0].mobile : (struct text){0},
        .user = job->receiver_count > 0 ? job->receivers[0].user : (struct text){0},
        .sent_at = is_unsure(job) ? entry->first_at : entry->accepted_at,
    };
}

/* ---- the answer ---- */

static bool concerns(const struct mail_job *job, const struct channel_receipt *receipt)
{
    const struct text message = text_of(receipt->message);
    const struct text gateway_id = text_of(receipt->gateway_id);
    if (message.bytes > 0) {
        return text_equal(message, job->id);
    }
    return job->entry.gateway_id.bytes == 0 || gateway_id.bytes == 0 ||
           text_equal(gateway_id, job->entry.gateway_id);
}

/* What says most of those that are about this message; NULL when none is. */
static const struct channel_receipt *best_of(
    const struct mail_job *job, const struct channel_receipts *receipts)
{
    const struct channel_receipt *best = NULL;
    for (size_t index = 0; index < receipts->count; index++) {
        const struct channel_receipt *one = &receipts->items[index];
        if (concerns(job, one) && (!best || receipt_rank(one->state) > receipt_rank(best->state))) {
            best = one;
        }
    }
    return best;
}

static void tell(struct mail_job *job, const struct channel_receipt *receipt)
{
    struct buf facts;
    const struct receipt_fact fact = {
        .message = job->id,
        .channel = job->channel,
        .state = receipt_state_name(receipt->state),
        .at = role_now(job->notifier->env),
        .code = text_of(receipt->code),
    };
    buf_init(&facts, FACT_BYTES_MAX);
    fact_receipt(&facts, &fact);
    job->more_facts = arena_text(&job->arena, buf_view(&facts));
    buf_release(&facts);
}

static void learnt(struct mail_job *job, const struct channel_receipt *receipt)
{
    const bool named = receipt && receipt->gateway_id[0] != '\0';
    if (named && job->entry.gateway_id.bytes == 0) {
        job->entry.gateway_id = arena_text(&job->arena, text_of(receipt->gateway_id));
    }
    if (receipt) {
        job->known = receipt_known(receipt_rank(receipt->state));
        tell(job, receipt);
    }
    job->entry.polls++;
    if (!is_unsure(job)) {
        await_decide(job, true);
    } else if (receipt) {
        await_found(job, "the gateway has it");
    } else {
        await_unknown(job);
    }
}

void poll_failed(struct mail_job *job)
{
    const struct mail_entry *entry = &job->entry;
    const struct wall_ms now = role_now(job->notifier->env);
    job->notifier->counts.polls_failed_total++;
    job->entry.polls++;
    if (!is_unsure(job)) {
        await_decide(job, true);
        return;
    }
    const bool late = now.ms - entry->first_at.ms >= job->settings->fallback_after_ms;
    if (entry->rest.count > 0 && late) {
        settle_end(job, "unsure", job->outcome.reason, true);
    } else if (entry->polls >= UNSURE_POLLS_MAX || job->outcome.kind == OUTCOME_REJECTED) {
        await_unknown(job);
    } else {
        const int64_t wait_ms = course_backoff(entry->polls + 1, prng_next(&job->notifier->prng));
        settle_defer(job, "unsure", wall_add(now, wait_ms), job->outcome.reason);
    }
}

/* ---- asking ---- */

bool poll_is_possible(struct mail_job *job)
{
    struct err_why why = {0};
    struct http_request request;
    if (!job->type || !job->type->poll_encode || !fetch_receivers(job)) {
        return false;
    }
    struct channel_question question = question_of(job);
    const struct channel_call call = send_call(job);
    if (job->outcome.gateway_id[0] != '\0') {
        question.gateway_id = text_of(job->outcome.gateway_id);
    }
    channel_request_init(&request, job->type->method, job->settings);
    const enum err err = job->type->poll_encode(&call, &question, &request, &why);
    http_request_release(&request);
    return err == ERR_OK;
}

static void on_answer(void *context, const struct http_answer *answer)
{
    struct mail_job *job = context;
    struct channel_receipts receipts = {0};
    const struct channel_question question = question_of(job);
    failpoint_hit("poll_after_answer");
    send_release_post(job);
    job->outcome = (struct outcome){0};
    job->type->poll_decode(answer, &question, &receipts, &job->outcome);
    hide_secrets(job->settings, &job->outcome);
    tokens_answered(job->notifier->tokens, job->settings, job->token.number, &job->outcome);
    if (job->outcome.kind == OUTCOME_ACCEPTED) {
        learnt(job, best_of(job, &receipts));
    } else if (job->outcome.cause == CAUSE_TOKEN) {
        job->is_fetched = false;
        job->state = JOB_POLL;
    } else {
        poll_failed(job);
    }
    notifier_pump_in(job->notifier, 0);
}

static void ask(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    const struct channel_question question = question_of(job);
    const struct channel_call call = send_call(job);
    struct err_why why = {0};
    struct http_request request;
    channel_request_init(&request, job->type->method, job->settings);
    request.timeout_ms = FETCH_TIMEOUT_MS;
    const enum err err = job->type->poll_encode(&call, &question, &request, &why);
    if (err) { /* it cannot be asked about this one, now or later */
        send_release_post(job);
        job->entry.polls = COURSE_POLLS_MAX;
        outcome_set(&job->outcome, OUTCOME_REJECTED, CAUSE_NONE, why.text, (struct text){0});
        poll_failed(job);
    } else {
        notifier->counts.polls_total++;
        job->state = JOB_POLLING;
        notifier->engine->ops->post(notifier->engine, &request, on_answer, job);
    }
    http_request_release(&request);
}

void poll_jobs(struct notifier *notifier)
{
    struct mail_job *jobs[STORE_BATCH_MAX];
    const size_t count = jobs_collect(notifier, JOB_POLL, -1, jobs);
    for (size_t index = 0; index < count; index++) {
        if (fetch_job(jobs[index]) && send_hold_post(jobs[index])) {
            ask(jobs[index]);
        }
    }
}
