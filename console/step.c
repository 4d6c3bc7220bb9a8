/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stepped mode: drives the shared present forward, from one due instant to the next, and waits at
 * each until everything is drained: queues empty, nothing claimed, no timer or message due, the
 * ledger at the journal's end. Jobs run one after the other. Only for tests: nothing here runs
 * in real or scaled mode.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "console/changes.h"
#include "console/daily.h"

#define POLL_MS        1
#define STUCK_MS       60000 /* real time at one instant */
#define ITEMS_PER_MOVE 256
#define POSITION_BYTES 48

struct job {
    struct job *next;
    bool has_target; /* step to `target`; else only the items */
    struct wall_ms target;
    const struct store_item *items;
    size_t item_count;
    size_t brought_count;
    size_t moving_count; /* items in the move under way */
    char (*positions)[POSITION_BYTES];
    step_done_fn *done;
    void *context;
};

struct stepper {
    struct console *console;
    struct loop_timer *timer;
    struct job *first;
    struct job **last;
    struct wall_ms present;
    struct wall_ms moving_to; /* the present as soon as the store has confirmed it */
    int64_t since_ms;         /* real time at which the present was moved */
    char why[320];
};

static void stepper_look(void *context);

struct stepper *stepper_create(struct console *console)
{
    struct stepper *stepper = calloc(1, sizeof(*stepper));
    if (!stepper) {
        return NULL;
    }
    stepper->console = console;
    stepper->last = &stepper->first;
    stepper->timer = loop_timer_create(console->env->loop, stepper_look, stepper);
    if (!stepper->timer) {
        free(stepper);
        return NULL;
    }
    return stepper;
}

static void job_free(struct job *job)
{
    free(job->positions);
    free(job);
}

void stepper_free(struct stepper *stepper)
{
    if (!stepper) {
        return;
    }
    while (stepper->first) {
        struct job *job = stepper->first;
        stepper->first = job->next;
        job_free(job);
    }
    loop_timer_free(stepper->timer);
    free(stepper);
}

/* ---- jobs ---- */

static void job_begin(struct stepper *stepper)
{
    stepper->since_ms = clock_mono().ms;
    loop_timer_arm(stepper->timer, 0);
}

static void job_finish(struct stepper *stepper, enum err err, const char *why)
{
    struct job *job = stepper->first;
    struct text *positions = calloc(job->brought_count + 1, sizeof(*positions));
    struct step_result result = {.err = err, .why = why, .now = stepper->present};
    for (size_t index = 0; positions && index < job->brought_count; index++) {
        positions[index] = text_of(job->positions[index]);
    }
    result.positions = positions;
    result.position_count = positions ? job->brought_count : 0;
    stepper->first = job->next;
    if (!stepper->first) {
        stepper->last = &stepper->first;
    } else {
        job_begin(stepper);
    }
    job->done(job->context, &result);
    free(positions);
    job_free(job);
}

static void job_add(struct stepper *stepper, struct job *job)
{
    const bool idle = stepper->first == NULL;
    *stepper->last = job;
    stepper->last = &job->next;
    if (idle) {
        job_begin(stepper);
    }
}

static void refuse(step_done_fn *done, void *context)
{
    const struct step_result result = {.err = ERR_NO_MEMORY, .why = "out of memory"};
    done(context, &result);
}

void stepper_step(struct stepper *stepper, struct wall_ms to, step_done_fn *done, void *context)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        refuse(done, context);
        return;
    }
    *job = (struct job){.has_target = true, .target = to, .done = done, .context = context};
    job_add(stepper, job);
}

void stepper_bring(
    struct stepper *stepper,
    const struct store_item *items,
    size_t count,
    step_done_fn *done,
    void *context)
{
    struct job *job = calloc(1, sizeof(*job));
    if (job) {
        *job = (struct job){.items = items, .item_count = count, .done = done, .context = context};
        job->positions = calloc(count, sizeof(*job->positions));
    }
    if (!job || !job->positions) {
        free(job);
        refuse(done, context);
        return;
    }
    job_add(stepper, job);
}

/* ---- moving the present ---- */

static void on_moved(
    void *context, enum err err, const char *why, const struct text *positions, size_t count)
{
    struct stepper *stepper = context;
    struct job *job = stepper->first;
    if (err) {
        job_finish(stepper, err, why);
        return;
    }
    for (size_t index = 0; index < count && index < job->moving_count; index++) {
        (void)snprintf(
            job->positions[job->brought_count + index], POSITION_BYTES, "%.*s",
            TEXT_ARGS(positions[index]));
    }
    job->brought_count += job->moving_count;
    job->moving_count = 0;
    stepper->present = stepper->moving_to;
    stepper->since_ms = clock_mono().ms;
    loop_timer_arm(stepper->timer, 0);
}

static void move_to(struct stepper *stepper, struct wall_ms to, size_t item_count)
{
    struct job *job = stepper->first;
    const struct store_item *items = item_count > 0 ? &job->items[job->brought_count] : NULL;
    job->moving_count = item_count;
    stepper->moving_to = to.ms > stepper->present.ms ? to : stepper->present;
    store_clock_move(
        stepper->console->env->store, stepper->moving_to, items, item_count, on_moved, stepper);
}

/* How many of the items left arrive together with the first of them. */
static size_t group_count(const struct job *job)
{
    size_t count = 0;
    const size_t left = job->item_count - job->brought_count;
    const struct store_item *items = &job->items[job->brought_count];
    while (count < left && count < ITEMS_PER_MOVE &&
           items[count].arrived.ms == items[0].arrived.ms) {
        count++;
    }
    return count;
}

/* Drained at the present: go to the next instant, bring the next items, or be done. */
static void go_on(struct stepper *stepper, bool has_next, struct wall_ms next)
{
    struct job *job = stepper->first;
    const bool items_left = job->brought_count < job->item_count;
    struct wall_ms arrival = {0};
    struct wall_ms until = job->has_target ? job->target : stepper->present;
    if (items_left) {
        arrival = job->items[job->brought_count].arrived;
        until = (struct wall_ms){arrival.ms - 1};
    }
    if (has_next && next.ms <= until.ms && next.ms > stepper->present.ms) {
        move_to(stepper, next, 0);
    } else if (until.ms > stepper->present.ms) {
        move_to(stepper, until, 0);
    } else if (items_left) {
        move_to(stepper, arrival, group_count(job));
    } else {
        job_finish(stepper, ERR_OK, "");
    }
}

/* ---- is everything drained? ---- */

struct drain {
    bool drained;
    bool has_next;
    struct wall_ms next;
};

static void earliest(struct drain *drain, struct wall_ms at)
{
    if (!drain->has_next || at.ms < drain->next.ms) {
        drain->next = at;
    }
    drain->has_next = true;
}

static void look_at_partition(
    struct stepper *stepper,
    int32_t partition,
    const struct store_stats *stats,
    struct drain *drain)
{
    const int64_t now_ms = stepper->present.ms;
    const bool due = (stats->has_timer && stats->oldest_timer.ms <= now_ms) ||
                     (stats->has_mail && stats->oldest_mail.ms <= now_ms);
    const bool read = ledger_has_reached(stepper->console->ledger, partition, stats->journal_last);
    if (stats->events || stats->outbox || stats->receipts || stats->claims || stats->mail_claims ||
        due || !read) {
        drain->drained = false;
        (void)snprintf(
            stepper->why, sizeof(stepper->why),
            "partition %d: events %" PRId64 ", outbox %" PRId64 ", receipts %" PRId64
            ", claims %" PRId64 ", mail claims %" PRId64 ", something due %d, ledger behind %d",
            (int)partition, stats->events, stats->outbox, stats->receipts, stats->claims,
            stats->mail_claims, due, !read);
    }
    if (stats->has_timer) {
        earliest(drain, stats->oldest_timer);
    }
    if (stats->has_mail) {
        earliest(drain, stats->oldest_mail);
    }
}

/* A draft is applied at its instant, before anything later happens. */
static void look_at_changes(struct stepper *stepper, struct drain *drain)
{
    struct changes *changes = stepper->console->changes;
    int64_t at = 0;
    const bool has_next = changes_next(changes, &at);
    if (changes_are_busy(changes) || (has_next && at <= stepper->present.ms)) {
        drain->drained = false;
        (void)snprintf(stepper->why, sizeof(stepper->why), "a change of the configuration");
    }
    if (has_next) {
        earliest(drain, (struct wall_ms){at});
    }
}

/* What the console does each day comes when everything else of its instant is done. */
static void look_at_daily(struct stepper *stepper, struct drain *drain)
{
    struct daily *daily = stepper->console->daily;
    struct wall_ms at = {0};
    const bool has_next = daily_next(daily, &at);
    const bool due = has_next && at.ms <= stepper->present.ms;
    if (drain->drained && due && !daily_is_busy(daily)) {
        daily_go(daily);
    }
    if (due || daily_is_busy(daily)) {
        drain->drained = false;
        (void)snprintf(stepper->why, sizeof(stepper->why), "a message of the day");
    }
    if (has_next) {
        earliest(drain, at);
    }
}

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct stepper *stepper = context;
    struct drain drain = {.drained = !err && overview->door == 0};
    (void)snprintf(
        stepper->why, sizeof(stepper->why), "%s", err ? why : "events wait at the front door");
    for (size_t index = 0; !err && index < overview->partition_count; index++) {
        look_at_partition(stepper, (int32_t)index, &overview->partitions[index], &drain);
    }
    look_at_changes(stepper, &drain);
    look_at_daily(stepper, &drain);
    if (drain.drained) {
        go_on(stepper, drain.has_next, drain.next);
    } else if (clock_mono().ms - stepper->since_ms > STUCK_MS) {
        log_warn("step_stuck", "now_ms=%" PRId64 " why=\"%s\"", stepper->present.ms, stepper->why);
        job_finish(stepper, ERR_TIMEOUT, stepper->why);
    } else {
        loop_timer_arm(stepper->timer, POLL_MS);
    }
}

static void stepper_look(void *context)
{
    struct stepper *stepper = context;
    const struct wall_ms now = role_now(stepper->console->env);
    if (now.ms > stepper->present.ms) {
        stepper->present = now;
    }
    store_overview_read(stepper->console->env->store, on_overview, stepper);
}
