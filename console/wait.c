/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that wait for the ledger: ?after=POSITION first asks the store whether the events up
 * to there have been committed, which gives the journal's end, and then waits until the ledger
 * has got to that end. After 5 s the answer is given as things stand, and says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/console.h"
#include "console/problem.h"

#define WAIT_MS_MAX     5000
#define WAIT_ASK_MS     5
#define WAIT_ASK_MS_MAX 50
#define WAITERS_MAX     64
#define PLACE_BYTES     48

struct waiter {
    struct waiters *owner;
    struct waiter *next;
    struct http_call *call;
    wait_ready_fn *ready;
    struct loop_timer *timer;
    int64_t ask_ms;
    bool asking;  /* the store has our question: do not free */
    bool settled; /* `places` are the journal's ends now */
    char places[STORE_PARTITIONS_MAX][PLACE_BYTES];
};

struct waiters {
    struct console *console;
    struct waiter *first;
    size_t count;
};

/* "0:1763750000000-0,2:1763750000001-0"; partitions must exist. */
static bool places_read(struct waiter *waiter, struct text after)
{
    const int32_t partitions = store_partitions(waiter->owner->console->env->store);
    while (after.bytes > 0) {
        const char *comma = memchr(after.ptr, ',', after.bytes);
        const size_t part_bytes = comma ? (size_t)(comma - after.ptr) : after.bytes;
        const char *colon = memchr(after.ptr, ':', part_bytes);
        int64_t partition = 0;
        if (!colon) {
            return false;
        }
        const struct text number = {.ptr = after.ptr, .bytes = (size_t)(colon - after.ptr)};
        const struct text place = {.ptr = colon + 1, .bytes = part_bytes - number.bytes - 1};
        if (text_parse_i64(number, &partition) || partition < 0 || partition >= partitions ||
            place.bytes >= PLACE_BYTES || !memchr(place.ptr, '-', place.bytes)) {
            return false;
        }
        (void)snprintf(waiter->places[partition], PLACE_BYTES, "%.*s", TEXT_ARGS(place));
        after.ptr += comma ? part_bytes + 1 : part_bytes;
        after.bytes -= comma ? part_bytes + 1 : part_bytes;
    }
    return true;
}

static void waiter_free(struct waiter *waiter)
{
    loop_timer_free(waiter->timer);
    free(waiter);
}

static void waiter_unlink(struct waiter *waiter)
{
    struct waiter **link = &waiter->owner->first;
    while (*link != waiter) {
        link = &(*link)->next;
    }
    *link = waiter->next;
    waiter->owner->count--;
}

static void waiter_finish(struct waiter *waiter)
{
    struct http_call *call = waiter->call;
    wait_ready_fn *ready = waiter->ready;
    struct console *console = waiter->owner->console;
    waiter_unlink(waiter);
    if (waiter->asking) {
        waiter->call = NULL; /* freed when the answer comes */
    } else {
        waiter_free(waiter);
    }
    ready(console, call);
}

static bool waiter_is_served(const struct waiter *waiter)
{
    const struct console *console = waiter->owner->console;
    const int32_t partitions = store_partitions(console->env->store);
    for (int32_t partition = 0; waiter->settled && partition < partitions; partition++) {
        if (!ledger_has_reached(console->ledger, partition, text_of(waiter->places[partition]))) {
            return false;
        }
    }
    return waiter->settled;
}

static int64_t waited_ms(const struct waiter *waiter)
{
    return clock_mono().ms - waiter->call->received_ms;
}

/* The events are committed, and these are the journal's ends: wait for the ledger to get there. */
static void waiter_settle(struct waiter *waiter, const struct text *tails, size_t count)
{
    waiter->settled = true;
    for (size_t partition = 0; partition < count && partition < STORE_PARTITIONS_MAX; partition++) {
        (void)snprintf(waiter->places[partition], PLACE_BYTES, "%.*s", TEXT_ARGS(tails[partition]));
    }
    if (waiter_is_served(waiter)) {
        waiter_finish(waiter);
    } else {
        loop_timer_arm(waiter->timer, WAIT_MS_MAX); /* progress comes by itself */
    }
}

/* NOLINTNEXTLINE(readability-function-size): the store's parameters */
static void on_settled(
    void *context,
    enum err err,
    const char *why,
    bool settled,
    const struct text *tails,
    size_t count)
{
    (void)why;
    struct waiter *waiter = context;
    waiter->asking = false;
    if (!waiter->call) {
        waiter_free(waiter);
    } else if (!err && settled) {
        waiter_settle(waiter, tails, count);
    } else {
        const int64_t next_ms = waiter->ask_ms * 2;
        waiter->ask_ms = next_ms > WAIT_ASK_MS_MAX ? WAIT_ASK_MS_MAX : next_ms;
        loop_timer_arm(waiter->timer, waiter->ask_ms);
    }
}

static void waiter_ask(void *context)
{
    struct waiter *waiter = context;
    const int32_t partitions = store_partitions(waiter->owner->console->env->store);
    struct text positions[STORE_PARTITIONS_MAX];
    if (waited_ms(waiter) >= WAIT_MS_MAX) {
        http_add_header(waiter->call, "NRT-Ledger", "behind");
        waiter_finish(waiter);
        return;
    }
    if (waiter->settled) {
        loop_timer_arm(waiter->timer, WAIT_MS_MAX - waited_ms(waiter));
        return;
    }
    for (int32_t partition = 0; partition < partitions; partition++) {
        positions[partition] = text_of(waiter->places[partition]);
    }
    waiter->asking = true;
    store_events_settled(waiter->owner->console->env->store, positions, on_settled, waiter);
}

struct waiters *waiters_create(struct console *console)
{
    struct waiters *waiters = calloc(1, sizeof(*waiters));
    if (waiters) {
        waiters->console = console;
    }
    return waiters;
}

void waiters_free(struct waiters *waiters)
{
    if (!waiters) {
        return;
    }
    while (waiters->first) {
        struct waiter *waiter = waiters->first;
        waiters->first = waiter->next;
        problem_answer(waiter->call, PROBLEM_UNAVAILABLE, "the service is stopping");
        waiter_free(waiter);
    }
    free(waiters);
}

bool waiters_add(
    struct waiters *waiters, struct http_call *call, struct text after, wait_ready_fn *ready)
{
    struct waiter *waiter = calloc(1, sizeof(*waiter));
    if (!waiter) {
        return false;
    }
    waiter->owner = waiters;
    waiter->call = call;
    waiter->ready = ready;
    waiter->ask_ms = WAIT_ASK_MS;
    waiter->timer = loop_timer_create(waiters->console->env->loop, waiter_ask, waiter);
    if (!waiter->timer || waiters->count >= WAITERS_MAX || !places_read(waiter, after)) {
        waiter_free(waiter);
        return false;
    }
    waiter->next = waiters->first;
    waiters->first = waiter;
    waiters->count++;
    waiter_ask(waiter);
    return true;
}

void waiters_progress(struct waiters *waiters)
{
    struct waiter *waiter = waiters->first;
    while (waiter) {
        struct waiter *next = waiter->next;
        if (waiter_is_served(waiter)) {
            waiter_finish(waiter);
        }
        waiter = next;
    }
}
