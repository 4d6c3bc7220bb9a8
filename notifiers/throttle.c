/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A limit is counted under a key of channel, scope, window and whom it is about. A message that has
 * to wait keeps its place under a slot that its entry remembers, also when it becomes part of a
 * digest meanwhile.
 */
#include "notifiers/throttle.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/crypto.h"
#include "base/log.h"
#include "notifiers/notifier_parts.h"

#define KEY_BYTES_MAX ((size_t)1024)
#define CLOSED_MS     60000 /* where neither gateway nor type says how long */

/* ---- limits ---- */

static const char *const scope_names[] = {
    [LIMIT_CHANNEL] = "channel",
    [LIMIT_MAILBOX] = "mailbox",
    [LIMIT_TEMPLATE] = "template",
    [LIMIT_TEXT] = "text",
};

/* "sms|template|86400000|li|SMS_1"; a text by its hash. */
static void write_key(
    const struct throttle_of *of, enum limit_scope scope, int64_t window_ms, struct buf *key)
{
    char middle[64];
    char id[NRT_ID_BYTES];
    (void)snprintf(middle, sizeof(middle), "|%s|%" PRId64, scope_names[scope], window_ms);
    buf_text(key, of->settings->name);
    buf_string(key, middle);
    if (scope != LIMIT_CHANNEL) {
        buf_char(key, '|');
        buf_text(key, of->mailbox);
    }
    if (scope == LIMIT_TEMPLATE) {
        buf_char(key, '|');
        buf_text(key, of->template_id);
    } else if (scope == LIMIT_TEXT) {
        crypto_id(&of->text, 1, id);
        buf_char(key, '|');
        buf_string(key, id);
    }
}

struct limits {
    const struct throttle_of *of;
    struct arena *arena;
    struct throttle_limit *items;
    size_t count;
    bool out_of_memory;
};

/* Of two limits of one scope and window the narrower one is kept: they have one key. */
static void add_limit(struct limits *limits, const struct channel_limit *limit)
{
    const int32_t reserve = limits->of->urgent ? 0 : limit->reserve;
    const int32_t max = limit->max - reserve > 1 ? limit->max - reserve : 1;
    struct buf key;
    buf_init(&key, KEY_BYTES_MAX);
    write_key(limits->of, limit->scope, limit->window_ms, &key);
    for (size_t index = 0; index < limits->count; index++) {
        struct throttle_limit *there = &limits->items[index];
        if (text_equal(there->key, buf_view(&key))) {
            there->max = there->max < max ? there->max : max;
            buf_release(&key);
            return;
        }
    }
    const struct text kept = arena_text(limits->arena, buf_view(&key));
    limits->out_of_memory |= buf_error(&key) || !kept.ptr;
    buf_release(&key);
    if (limits->count < STORE_LIMITS_MAX) {
        limits->items[limits->count++] =
            (struct throttle_limit){.key = kept, .window_ms = limit->window_ms, .max = max};
    }
}

enum err throttle_limits(
    const struct throttle_of *of,
    struct arena *arena,
    struct throttle_limit ret_limits[static STORE_LIMITS_MAX],
    size_t *ret_count)
{
    struct limits limits = {.of = of, .arena = arena, .items = ret_limits};
    for (size_t index = 0; index < CHANNEL_LIMITS_MAX && of->type->limits[index].max > 0; index++) {
        add_limit(&limits, &of->type->limits[index]);
    }
    for (size_t index = 0; index < of->settings->limit_count; index++) {
        const struct channel_limit_setting *setting = &of->settings->limits[index];
        const struct channel_limit limit = {
            .scope = setting->per_person ? LIMIT_MAILBOX : LIMIT_CHANNEL,
            .window_ms = setting->window_ms,
            .max = setting->max,
            .reserve = setting->reserve,
        };
        add_limit(&limits, &limit);
    }
    *ret_count = limits.count;
    return limits.out_of_memory ? ERR_NO_MEMORY : ERR_OK;
}

/* ---- asking ---- */

bool throttle_is_needed(const struct mail_job *job)
{
    return job->type->limits[0].max > 0 || job->settings->limit_count > 0 ||
           job->type->closed_ms > 0;
}

static struct text slot_of(struct mail_job *job)
{
    char text[NRT_ID_BYTES + 16];
    if (job->entry.slot.bytes > 0) {
        return job->entry.slot;
    }
    (void)snprintf(text, sizeof(text), "%.*s:%d", TEXT_ARGS(job->id), job->attempt);
    return arena_text(&job->arena, text_of(text));
}

void throttle_keep_place(struct mail_job *job)
{
    job->entry.slot = slot_of(job);
}

static void may_go_at(struct mail_job *job, struct wall_ms go)
{
    if (go.ms <= role_now(job->notifier->env).ms) {
        job->state = JOB_SEND;
        return;
    }
    job->entry.slot = slot_of(job);
    job->notifier->counts.messages_throttled_total++;
    settle_defer(job, "held", go, "as fast as allowed");
}

static void on_taken(
    void *context, enum err err, const char *why, const struct wall_ms *goes, size_t count)
{
    struct job_call *call = context;
    if (err || count != call->job_count) {
        notifier_store_trouble(call->notifier, "throttle_take", err, why);
        job_call_failed(call, JOB_ASK);
        return;
    }
    for (size_t index = 0; index < count; index++) {
        may_go_at(call->jobs[index], goes[index]);
    }
    job_call_give(call);
}

static enum err make_ask(struct mail_job *job, struct arena *arena, struct throttle_ask *ret_ask)
{
    struct throttle_limit *limits = arena_array(arena, STORE_LIMITS_MAX, sizeof(*limits));
    const struct mail_entry *entry = &job->entry;
    const struct throttle_of of = {
        .settings = job->settings,
        .type = job->type,
        .mailbox = job->person,
        .template_id =
            entry->vendor_template.bytes > 0 ? entry->vendor_template : entry->template_id,
        .text = job->text,
        .urgent = entry->urgent,
    };
    struct throttle_ask ask = {
        .slot = slot_of(job), .mailbox = job->person, .urgent = entry->urgent, .limits = limits};
    if (!limits || !ask.slot.ptr) {
        return ERR_NO_MEMORY;
    }
    const enum err err = throttle_limits(&of, arena, limits, &ask.limit_count);
    if (!err) {
        *ret_ask = ask;
    }
    return err;
}

/* One call for the jobs of the first one's channel; how many of the others stay. */
static size_t ask_channel(struct notifier *notifier, struct mail_job **jobs, size_t count)
{
    struct throttle_ask asks[STORE_BATCH_MAX];
    struct mail_job *together[STORE_BATCH_MAX];
    struct arena arena;
    const struct text channel = jobs[0]->settings->name;
    size_t asked = 0;
    size_t kept = 0;
    arena_init(&arena, 0);
    for (size_t index = 0; index < count; index++) {
        struct mail_job *job = jobs[index];
        if (!text_equal(job->settings->name, channel)) {
            jobs[kept++] = job;
        } else if (make_ask(job, &arena, &asks[asked])) {
            job_give(job); /* memory is out: the claim runs out, and it comes again */
        } else {
            together[asked++] = job;
        }
    }
    if (asked > 0) {
        struct job_call *call = job_call_take(notifier, together, asked, JOB_ASKING);
        const struct wall_ms now = role_now(notifier->env);
        store_throttle_take(notifier->env->store, channel, now, asks, asked, on_taken, call);
    }
    arena_release(&arena);
    return kept;
}

void throttle_ask_jobs(struct notifier *notifier)
{
    struct mail_job *jobs[STORE_BATCH_MAX];
    size_t left = jobs_collect(notifier, JOB_ASK, -1, jobs);
    while (left > 0) { /* each turn asks for one channel */
        left = ask_channel(notifier, jobs, left);
    }
}

/* ---- closing ---- */

static void on_closed(void *context, enum err err, const char *why)
{
    struct notifier *notifier = context;
    if (err) { /* the next one hears it from the gateway */
        notifier_store_trouble(notifier, "throttle_close", err, why);
    }
}

void throttle_heed(struct mail_job *job)
{
    struct notifier *notifier = job->notifier;
    const struct outcome *outcome = &job->outcome;
    const int64_t usual_ms = job->type->closed_ms > 0 ? job->type->closed_ms : CLOSED_MS;
    const int64_t closed_ms = outcome->after_ms >= 0 ? outcome->after_ms : usual_ms;
    const struct wall_ms until = wall_add(role_now(notifier->env), closed_ms);
    const bool all = outcome->cause == CAUSE_RATE_ALL;
    store_throttle_close(
        notifier->env->store, job->channel, all ? TEXT_LITERAL("*") : job->person, until, on_closed,
        notifier);
    log_warn(
        "mailbox_closed", "channel=%.*s mailbox=%.*s closed_ms=%" PRId64, TEXT_ARGS(job->channel),
        all ? 1 : (int)job->person.bytes, all ? "*" : job->person.ptr, closed_ms);
}
