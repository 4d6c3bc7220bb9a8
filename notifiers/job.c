/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool of jobs and of calls made for several of them, and what is remembered per channel
 * and mailbox. Everything is of fixed size; a full pool only means that nothing more is claimed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/must.h"
#include "notifiers/gather.h"
#include "notifiers/notifier_parts.h"

#define JOB_BYTES_MAX ((size_t)8 * 1024 * 1024)

struct mail_job *job_take(struct notifier *notifier)
{
    for (size_t index = 0; index < JOBS_MAX; index++) {
        struct mail_job *job = &notifier->jobs[index];
        if (job->state == JOB_FREE) {
            *job = (struct mail_job){.notifier = notifier, .state = JOB_LOAD};
            job->claimed_real_ms = loop_real_ms(notifier->env->loop);
            arena_init(&job->arena, JOB_BYTES_MAX);
            job->followers.arena = &job->arena;
            notifier->job_count++;
            return job;
        }
    }
    return NULL;
}

void job_give(struct mail_job *job)
{
    MUST(job->state != JOB_FREE && job->notifier->job_count > 0);
    send_release_post(job);
    arena_release(&job->arena);
    job->state = JOB_FREE;
    job->notifier->job_count--;
}

bool job_is_known(const struct notifier *notifier, struct text id)
{
    for (size_t index = 0; index < JOBS_MAX; index++) {
        const struct mail_job *job = &notifier->jobs[index];
        if (job->state != JOB_FREE && (text_equal(job->id, id) || gather_holds(job, id))) {
            return true;
        }
    }
    return false;
}

size_t jobs_collect(
    struct notifier *notifier,
    enum job_state state,
    int32_t partition,
    struct mail_job *ret_jobs[static STORE_BATCH_MAX])
{
    const int64_t real_ms = loop_real_ms(notifier->env->loop);
    size_t count = 0;
    size_t left = notifier->job_count; /* the others are free: mostly those behind */
    for (size_t index = 0; left > 0 && count < STORE_BATCH_MAX; index++) {
        struct mail_job *job = &notifier->jobs[index];
        left -= job->state != JOB_FREE ? 1 : 0;
        if (job->state == state && (partition < 0 || job->partition == partition) &&
            job->not_before_real_ms <= real_ms) {
            ret_jobs[count++] = job;
        }
    }
    return count;
}

struct job_call *job_call_take(
    struct notifier *notifier, struct mail_job *const *jobs, size_t count, enum job_state state)
{
    struct job_call *call = notifier->calls;
    while (call->job_count > 0) {
        call++;
        MUST(call < notifier->calls + JOBS_MAX); /* each call holds a job of its own */
    }
    call->notifier = notifier;
    call->job_count = count;
    for (size_t index = 0; index < count; index++) {
        call->jobs[index] = jobs[index];
        jobs[index]->state = state;
    }
    return call;
}

void job_call_give(struct job_call *call)
{
    struct notifier *notifier = call->notifier;
    call->job_count = 0;
    notifier_pump_in(notifier, 0);
}

void job_call_failed(struct job_call *call, enum job_state back)
{
    struct notifier *notifier = call->notifier;
    const int64_t real_ms = loop_real_ms(notifier->env->loop);
    for (size_t index = 0; index < call->job_count; index++) {
        call->jobs[index]->state = back;
        call->jobs[index]->not_before_real_ms = real_ms + RETRY_STORE_MS;
    }
    call->job_count = 0;
    notifier_pump_in(notifier, RETRY_STORE_MS);
}

struct channel_state *channel_state_named(
    struct notifier *notifier, const struct channel_settings *settings)
{
    for (size_t index = 0; index < notifier->channel_count; index++) {
        if (text_equal(notifier->channels[index].name, settings->name)) {
            return &notifier->channels[index];
        }
    }
    /* Beyond CHANNELS_MAX, channels share the last place. */
    if (notifier->channel_count < CHANNELS_MAX) {
        notifier->channel_count++;
        notifier->channels[notifier->channel_count - 1].name = settings->name;
    }
    return &notifier->channels[notifier->channel_count - 1];
}

struct channel_state *channel_state_of(struct notifier *notifier, const struct mail_job *job)
{
    return channel_state_named(notifier, job->settings);
}
