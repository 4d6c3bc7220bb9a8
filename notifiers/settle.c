/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a job leaves: deferred, ended, or ended and handed to the next channel. Messages of the
 * next channel are put before this one is settled (or with it, in one step, where they are the
 * same person's), so that a crash between leaves one too many claims and no message too few.
 */
#include <stdio.h>
#include <string.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/gather.h"
#include "notifiers/notifier_parts.h"

#define SETTLE_BYTES_MAX ((size_t)4 * 1024 * 1024)

static void plan_followers(struct mail_job *job)
{
    const struct route_from from = notifier_route_from(job->notifier);
    if (job->gathered) {
        gather_plan_followers(job);
    } else {
        route_rest(&from, &job->entry, job->person, &job->followers);
    }
    job->notifier->counts.messages_unreachable_total += (int64_t)job->followers.dead_count;
}

/* One follower of the same person goes in the settling step itself. */
static bool follows_in_step(const struct mail_job *job)
{
    return job->followers.item_count == 1 &&
           text_equal(job->followers.items[0].person, job->person);
}

/* Of a digest some messages may have a channel left where others have none. */
static bool some_go_on(const struct mail_job *job)
{
    const struct course *course = &job->course;
    return job->gathered && course->final && strcmp(course->state, "accepted") != 0 &&
           strcmp(course->state, "dropped") != 0;
}

static void settled_next(struct mail_job *job)
{
    if (job->course.next_channel || some_go_on(job)) {
        plan_followers(job);
    }
    if (job->followers.item_count > 0 && strcmp(job->course.state, "dead") == 0) {
        job->course.state = "rejected";
    }
    const bool alone = job->followers.item_count == 0 || follows_in_step(job);
    job->state = alone ? JOB_SETTLE : JOB_PUT;
    if (job->followers.out_of_memory) {
        job_give(job); /* the claim runs out and all of this happens again */
    }
}

void settle_defer(struct mail_job *job, const char *state, struct wall_ms ready, const char *reason)
{
    job->course = (struct course){
        .state = state,
        .ready = ready,
        .unsures = job->entry.unsures,
    };
    job->reason = arena_text(&job->arena, text_of(reason));
    job->state = JOB_SETTLE;
}

void settle_end(struct mail_job *job, const char *state, const char *reason, bool next_channel)
{
    const bool has_next = next_channel && job->entry.rest.count > 0;
    const bool nobody_left = next_channel && !has_next;
    job->course = (struct course){
        .state = nobody_left ? "dead" : state,
        .final = true,
        .next_channel = has_next,
        .unsures = job->entry.unsures,
    };
    job->reason = arena_text(&job->arena, text_of(reason));
    settled_next(job);
}

bool settle_moves(struct mail_job *job)
{
    char reason[256];
    const struct route_from from = notifier_route_from(job->notifier);
    const struct text to =
        route_moves(&from, &job->entry, job->person, job->channel, &job->followers);
    if (to.bytes == 0) {
        return false;
    }
    job->notifier->counts.messages_unreachable_total += (int64_t)job->followers.dead_count;
    (void)snprintf(reason, sizeof(reason), ROUTE_ON_LEAVE "%.*s", TEXT_ARGS(to));
    settle_end(job, "dropped", reason, false);
    return true;
}

void settle_course(struct mail_job *job, const struct course *course)
{
    job->course = *course;
    job->has_attempt = true;
    job->reason = arena_text(&job->arena, text_of(job->outcome.reason));
    settled_next(job);
}

/* ---- putting followers ---- */

static void on_put(void *context, enum err err, const char *why, const bool *is_new, size_t count)
{
    struct job_call *call = context;
    struct mail_job *job = call->jobs[0];
    (void)is_new;
    if (err) {
        notifier_store_trouble(call->notifier, "mail_put", err, why);
        job_call_failed(call, JOB_PUT);
        return;
    }
    job->followers_put += count;
    const bool all = count == 0 || job->followers_put >= job->followers.item_count;
    const enum job_state then = job->gathered && job->gathered->json.ptr ? JOB_MERGE : JOB_SETTLE;
    job->state = all ? then : JOB_PUT;
    mail_claim_all(call->notifier);
    job_call_give(call);
}

void settle_put(struct notifier *notifier)
{
    struct mail_job *jobs[STORE_BATCH_MAX];
    const size_t count = jobs_collect(notifier, JOB_PUT, -1, jobs);
    for (size_t index = 0; index < count; index++) {
        const struct mail_job *job = jobs[index];
        const size_t left = job->followers.item_count - job->followers_put;
        struct job_call *call = job_call_take(notifier, &jobs[index], 1, JOB_PUTTING);
        store_mail_put(
            notifier->env->store, job->followers.items + job->followers_put,
            left < STORE_BATCH_MAX ? left : STORE_BATCH_MAX, on_put, call);
    }
}

/* ---- settling ---- */

static void count_end(struct notifier *notifier, const struct mail_job *job)
{
    struct notifier_counts *counts = &notifier->counts;
    const struct {
        const char *state;
        int64_t *count;
    } all[] = {
        {"accepted", &counts->messages_accepted_total},
        {"held", &counts->messages_held_total},
        {"retrying", &counts->messages_retried_total},
        {"rejected", &counts->messages_rejected_total},
        {"dropped", &counts->messages_dropped_total},
        {"unsure", &counts->messages_unsure_total},
        {"dead", &counts->messages_dead_total},
    };
    for (size_t index = 0; index < sizeof(all) / sizeof(all[0]); index++) {
        if (strcmp(job->course.state, all[index].state) == 0) {
            ++*all[index].count;
        }
    }
}

static void log_end(const struct mail_job *job)
{
    const char *state = job->course.state;
    if (strcmp(state, "dead") == 0) {
        log_error(
            "message_dead", "message=%.*s person=%.*s channel=%.*s reason=\"%.*s\"",
            TEXT_ARGS(job->id), TEXT_ARGS(job->person), TEXT_ARGS(job->channel),
            TEXT_ARGS(job->reason));
        watch_dead(job);
        return;
    }
    if (job->has_attempt && strcmp(state, "accepted") != 0) {
        log_warn(
            "message_not_accepted",
            "message=%.*s channel=%.*s state=%s attempt=%d reason=\"%.*s\" next=%s",
            TEXT_ARGS(job->id), TEXT_ARGS(job->channel), state, job->attempt,
            TEXT_ARGS(job->reason),
            job->course.next_channel ? "channel" : (job->course.final ? "none" : "retry"));
    }
}

static void on_settled(void *context, enum err err, const char *why, const bool *ours, size_t count)
{
    struct job_call *call = context;
    struct notifier *notifier = call->notifier;
    if (err || count != call->job_count) {
        notifier_store_trouble(notifier, "mail_settle", err, why);
        job_call_failed(call, JOB_SETTLE);
        return;
    }
    failpoint_hit("mail_after_settle");
    for (size_t index = 0; index < count; index++) {
        struct mail_job *job = call->jobs[index];
        if (ours[index] && !job->silent) {
            count_end(notifier, job);
            log_end(job);
        }
        if (ours[index]) {
            await_settled(job);
        }
        mail_claim_soon(notifier, job->partition); /* the next one's instant may be new */
        job_give(job);
    }
    job_call_give(call);
}

static struct text settle_facts(const struct mail_job *job, struct arena *arena)
{
    struct buf facts;
    buf_init(&facts, SETTLE_BYTES_MAX);
    for (size_t index = 0; index < job->followers.unreached_count; index++) {
        buf_string(&facts, facts.bytes > 0 ? "," : "");
        buf_text(&facts, job->followers.unreached[index].facts);
    }
    const struct message_fact fact = {
        .id = job->id,
        .person = job->person,
        .channel = job->channel,
        .state = job->course.state,
        .at = job->has_attempt ? job->outcome_at : role_now(job->notifier->env),
        .attempts = job->has_attempt ? job->attempt : job->entry.attempts,
        .has_ready = !job->course.final,
        .ready = job->course.ready,
        .reason = job->reason,
        .text = job->text,
        .gateway_id = job->has_attempt ? text_of(job->outcome.gateway_id) : job->entry.gateway_id,
        .sent_at = job->sent_at,
    };
    if (!job->silent) {
        fact_message(&facts, &job->entry, &fact);
    }
    if (job->gathered) {
        gather_facts(job, &facts);
    }
    if (job->more_facts.bytes > 0) {
        buf_string(&facts, facts.bytes > 0 ? "," : "");
        buf_text(&facts, job->more_facts);
    }
    struct text kept = {0};
    if (!facts.error) {
        kept = arena_text(arena, buf_view(&facts));
    }
    buf_release(&facts);
    return kept;
}

/* Words that nobody has seen are made anew; a digest keeps them for whoever finds it marked. */
static void forget_words(struct mail_entry *entry)
{
    if (entry->unsures > 0 || entry->kind == ENTRY_DIGEST) {
        return;
    }
    entry->title = (struct text){0};
    entry->text = (struct text){0};
    entry->vendor_template = (struct text){0};
    entry->params = NULL;
    entry->param_count = 0;
}

/* The entry as it goes back. */
static struct mail_entry entry_after(const struct mail_job *job)
{
    struct mail_entry entry = job->entry;
    if (job->has_attempt) {
        entry.attempts = job->attempt;
        entry.first_at = entry.first_at.ms > 0 ? entry.first_at : job->outcome_at;
        entry.unsures = job->course.unsures;
        entry.slot = (struct text){0};
        entry.title = job->title;
        entry.text = job->text;
        if (job->course.awaiting) {
            entry.accepted_at = job->outcome_at;
            entry.gateway_id = text_of(job->outcome.gateway_id);
            entry.polls = 0;
        }
    }
    forget_words(&entry);
    return entry;
}

static struct text write_entry(const struct mail_entry *entry, struct arena *arena)
{
    struct text kept = {0};
    struct buf json;
    buf_init(&json, SETTLE_BYTES_MAX);
    entry_write(entry, &json);
    if (!json.error) {
        kept = arena_text(arena, buf_view(&json));
    }
    buf_release(&json);
    return kept;
}

static struct mail_settle settle_of(const struct mail_job *job, struct arena *arena)
{
    struct mail_settle settle = {
        .name = {.person = job->person, .channel = job->channel, .id = job->id},
        .final = job->course.final,
        .ready = job->course.ready,
        .facts = settle_facts(job, arena),
    };
    if (!settle.final) {
        const struct digest_place place = {.settings = job->settings, .type = job->type};
        const struct mail_entry entry = entry_after(job);
        settle.entry = write_entry(&entry, arena);
        settle.gather = digest_from(&place, &entry, settle.ready);
    }
    if (follows_in_step(job)) {
        settle.has_follower = true;
        settle.follower = job->followers.items[0];
    }
    return settle;
}

void settle_write(struct notifier *notifier)
{
    const int32_t partitions = store_partitions(notifier->env->store);
    for (int32_t partition = 0; partition < partitions; partition++) {
        struct mail_job *jobs[STORE_BATCH_MAX];
        struct mail_settle settles[STORE_BATCH_MAX];
        const size_t count = jobs_collect(notifier, JOB_SETTLE, partition, jobs);
        if (count == 0) {
            continue;
        }
        struct arena arena;
        arena_init(&arena, 0);
        for (size_t index = 0; index < count; index++) {
            settles[index] = settle_of(jobs[index], &arena);
        }
        struct job_call *call = job_call_take(notifier, jobs, count, JOB_SETTLING);
        store_mail_settle(notifier->env->store, partition, settles, count, on_settled, call);
        arena_release(&arena);
    }
}
