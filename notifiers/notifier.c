/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The role itself: one pump that moves every job on, timers that turn it, and the entry point
 * that gives it a real engine and a journal on disk.
 */
#include "notifiers/notifier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "notifiers/gather.h"
#include "notifiers/http_engine.h"
#include "notifiers/lookup.h"
#include "notifiers/notifier_parts.h"
#include "store/ops_notice.h"

struct route_from notifier_route_from(struct notifier *notifier)
{
    struct role_env *env = notifier->env;
    return (struct route_from){
        .bundle = env->bundle,
        .settings = env->settings,
        .now = role_now(env),
    };
}

void notifier_store_trouble(
    struct notifier *notifier, const char *what, enum err err, const char *why)
{
    const int64_t real_ms = loop_real_ms(notifier->env->loop);
    notifier->counts.notifier_store_failures_total++;
    if (real_ms < notifier->trouble_quiet_until_ms) {
        return;
    }
    notifier->trouble_quiet_until_ms = real_ms + TROUBLE_EVERY_MS;
    log_warn(
        "store_call_failed", "call=%s err=%s why=\"%s\" retry_in_ms=%d", what, err_name(err),
        why ? why : "", RETRY_STORE_MS);
}

/* ---- the pump ---- */

void notifier_pump_in(struct notifier *notifier, int64_t real_ms)
{
    const int64_t at_ms = loop_real_ms(notifier->env->loop) + real_ms;
    if (at_ms < notifier->pump_real_ms) {
        notifier->pump_real_ms = at_ms;
        loop_timer_arm(notifier->pump_timer, real_ms);
    }
}

static bool is_waiting_for_an_answer(enum job_state state)
{
    return state == JOB_LOADING || state == JOB_MERGING || state == JOB_ASKING ||
           state == JOB_MARKING || state == JOB_POSTING || state == JOB_AWAITING ||
           state == JOB_POLLING || state == JOB_PUTTING || state == JOB_SETTLING;
}

/* Jobs that got nowhere in time are let go: the claim runs out and the message comes again. */
static void let_go_of_old_jobs(struct notifier *notifier)
{
    const int64_t real_ms = loop_real_ms(notifier->env->loop);
    for (size_t index = 0; index < JOBS_MAX; index++) {
        struct mail_job *job = &notifier->jobs[index];
        if (job->state == JOB_FREE || is_waiting_for_an_answer(job->state)) {
            continue;
        }
        const bool unmarked = job->state == JOB_LOAD || job->state == JOB_MERGE ||
                              job->state == JOB_ASK || job->state == JOB_SEND ||
                              job->state == JOB_MARK || job->state == JOB_FETCH ||
                              job->state == JOB_AWAIT || job->state == JOB_POLL;
        if (real_ms - job->claimed_real_ms > (unmarked ? JOB_UNMARKED_MS_MAX : JOB_MS_MAX)) {
            log_warn("message_let_go", "message=%.*s", TEXT_ARGS(job->id));
            job_give(job);
        }
    }
}

static void on_pump(void *context)
{
    struct notifier *notifier = context;
    notifier->pump_real_ms = INT64_MAX;
    let_go_of_old_jobs(notifier);
    mail_load(notifier);
    gather_merge(notifier);
    throttle_ask_jobs(notifier);
    await_look(notifier);
    poll_jobs(notifier);
    send_write(notifier);
    send_mark(notifier);
    settle_put(notifier);
    settle_write(notifier);
    await_register(notifier);
    mail_claim_due(notifier);
    if (notifier->job_count > 0) { /* whatever waits for time or room is looked at again */
        notifier_pump_in(notifier, RETRY_STORE_MS);
    }
    notifier_maybe_stop(notifier);
}

static void on_claim_timer(void *context)
{
    mail_claim_due(context);
}

static void on_prune_timer(void *context)
{
    struct notifier *notifier = context;
    struct err_why why = {0};
    const struct wall_ms before = wall_add(role_now(notifier->env), -PRUNE_AGE_MS);
    const enum err err = send_journal_prune(notifier->journal, before, &why);
    if (err) {
        log_warn("send_journal_not_pruned", "err=%s why=\"%s\"", err_name(err), why.text);
    }
    loop_timer_arm(notifier->prune_timer, PRUNE_EVERY_MS);
}

/* ---- callbacks of the role ---- */

static void stop(struct notifier *notifier)
{
    if (!notifier->stopped) {
        notifier->stopped = true;
        role_stop(notifier->env, 0);
    }
}

void notifier_maybe_stop(struct notifier *notifier)
{
    if (notifier->terminating && notifier->job_count == 0 && outbox_is_idle(notifier->outbox) &&
        receipts_is_idle(notifier->receipts) && awaits_is_idle(notifier->awaits)) {
        stop(notifier);
    }
}

static void on_terminate_timer(void *context)
{
    struct notifier *notifier = context;
    log_warn("stopping_with_messages_in_hand", "count=%zu", notifier->job_count);
    stop(notifier);
}

static void on_terminate(void *role)
{
    struct notifier *notifier = role;
    notifier->terminating = true;
    loop_timer_arm(notifier->terminate_timer, TERMINATE_MS);
    notifier_maybe_stop(notifier);
}

static void on_clock(void *role)
{
    mail_claim_all(role);
}

static void on_connected(void *role, bool connected)
{
    if (connected) {
        mail_claim_all(role);
    }
}

static size_t counters(void *role, struct role_counter *ret_counters, size_t max)
{
    struct notifier *notifier = role;
    const struct control_figures control = control_figures(notifier->control);
    notifier->counts.sending_revision = control.revision;
    notifier->counts.sending_stopped = control.stopped ? 1 : 0;
    notifier->counts.sending_braked = control.braked ? 1 : 0;
    notifier->counts.channels_open_fuse = 0;
    for (size_t index = 0; index < notifier->channel_count; index++) {
        notifier->counts.channels_open_fuse += notifier->channels[index].fuse.open ? 1 : 0;
    }
    const struct role_counter all[] = {
#define NOTIFIER_COUNTER(name) {#name, notifier->counts.name},
        NOTIFIER_COUNTERS(NOTIFIER_COUNTER)
#undef NOTIFIER_COUNTER
    };
    const size_t count = sizeof(all) / sizeof(all[0]);
    for (size_t index = 0; index < count && index < max; index++) {
        ret_counters[index] = all[index];
    }
    return count < max ? count : max;
}

/* "gateways": how this instance finds each channel. */
static void tell(void *role, struct json_out *out)
{
    const struct notifier *notifier = role;
    json_out_key(out, "gateways");
    json_out_open(out, '[');
    for (size_t index = 0; index < notifier->channel_count; index++) {
        const struct channel_state *channel = &notifier->channels[index];
        json_out_open(out, '{');
        json_out_member(out, "channel", channel->name);
        json_out_key(out, "open");
        json_out_bool(out, channel->fuse.open);
        json_out_member(out, "reason", text_of(channel->fuse.open ? channel->closed_reason : ""));
        json_out_close(out, '}');
    }
    json_out_close(out, ']');
}

/* ---- beginning and end ---- */

static bool make_timers(struct notifier *notifier)
{
    struct loop *loop = notifier->env->loop;
    notifier->pump_timer = loop_timer_create(loop, on_pump, notifier);
    notifier->claim_timer = loop_timer_create(loop, on_claim_timer, notifier);
    notifier->prune_timer = loop_timer_create(loop, on_prune_timer, notifier);
    notifier->terminate_timer = loop_timer_create(loop, on_terminate_timer, notifier);
    return notifier->pump_timer && notifier->claim_timer && notifier->prune_timer &&
           notifier->terminate_timer;
}

static void install(struct notifier *notifier)
{
    struct role_env *env = notifier->env;
    env->role = notifier;
    env->counters = counters;
    env->tell = tell;
    env->on_clock = on_clock;
    env->on_config = on_clock; /* people may have become reachable */
    env->on_connected = on_connected;
    env->on_terminate = on_terminate;
}

/* Jitter only: the same for one instance at one instant, so that simulations repeat. */
static uint64_t seed_of(struct role_env *env)
{
    uint64_t seed = (uint64_t)role_now(env).ms;
    for (const char *c = env->instance; *c; c++) {
        seed = seed * 31 + (uint64_t)(unsigned char)*c;
    }
    return seed;
}

struct notifier *notifier_create(
    struct role_env *env, struct http_engine *engine, struct send_journal *journal)
{
    struct notifier *notifier = calloc(1, sizeof(*notifier));
    if (!notifier) {
        return NULL;
    }
    notifier->env = env;
    notifier->load_max = STORE_BATCH_MAX;
    notifier->engine = engine;
    notifier->journal = journal;
    notifier->pump_real_ms = INT64_MAX;
    prng_seed(&notifier->prng, seed_of(env));
    for (int32_t index = 0; index < STORE_PARTITIONS_MAX; index++) {
        notifier->claims[index].notifier = notifier;
        notifier->claims[index].partition = index;
    }
    if (!make_timers(notifier)) {
        notifier_free(notifier);
        return NULL;
    }
    link_key_derive(env->seal_key, notifier->link_key);
    notifier->tokens = tokens_create(notifier);
    notifier->lookups = lookups_create(notifier);
    notifier->awaits = awaits_create(notifier);
    notifier->control = control_create(notifier);
    notifier->watch = watch_create(notifier);
    notifier->outbox = outbox_create(notifier);
    notifier->receipts = receipts_create(notifier);
    if (!notifier->tokens || !notifier->lookups || !notifier->awaits) {
        notifier_free(notifier);
        return NULL;
    }
    if (!notifier->control || !notifier->watch || !notifier->outbox || !notifier->receipts) {
        notifier_free(notifier);
        return NULL;
    }
    install(notifier);
    on_prune_timer(notifier);
    mail_claim_all(notifier);
    return notifier;
}

void notifier_free(struct notifier *notifier)
{
    if (!notifier) {
        return;
    }
    loop_timer_free(notifier->pump_timer);
    loop_timer_free(notifier->claim_timer);
    loop_timer_free(notifier->prune_timer);
    loop_timer_free(notifier->terminate_timer);
    control_free(notifier->control);
    watch_free(notifier->watch);
    ops_release(notifier->env);
    outbox_free(notifier->outbox);
    receipts_free(notifier->receipts);
    tokens_free(notifier->tokens);
    lookups_free(notifier->lookups);
    awaits_free(notifier->awaits);
    for (size_t index = 0; index < JOBS_MAX; index++) {
        if (notifier->jobs[index].state != JOB_FREE) {
            arena_release(&notifier->jobs[index].arena);
        }
    }
    free(notifier);
}

enum err notifier_start(struct role_env *env, struct err_why *why)
{
    char path[4096];
    struct send_journal *journal = NULL;
    (void)snprintf(path, sizeof(path), "%s/send-%s.db", env->data_folder, env->instance);
    const enum err err = send_journal_open(path, &journal, why);
    if (err) {
        return err;
    }
    struct http_engine *engine = http_engine_create(env->base, env->clock->mode != CLOCK_REAL, why);
    if (!engine || !notifier_create(env, engine, journal)) {
        if (engine) {
            engine->ops->free(engine);
        }
        send_journal_close(journal);
        return err_set(why, ERR_NO_MEMORY, "no memory for the notifier");
    }
    return ERR_OK; /* all three live as long as the process */
}
