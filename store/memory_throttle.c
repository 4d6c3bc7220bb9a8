/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin's throttles: the same answers as store/functions_8_throttle.lua, from arrays in order
 * of time. Nothing expires: a world of tests does not live for days.
 */
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "store/memory.h"

struct place {
    struct text slot;
    int64_t at_ms;
};

/* A window's places, earliest first. */
struct window {
    struct text key;
    struct place *places;
    size_t count;
    size_t capacity;
};

struct closing {
    struct text key;
    int64_t until_ms;
};

static void window_free(void *value)
{
    struct window *const window = value;
    for (size_t i = 0; i < window->count; i++)
        memory_text_free(window->places[i].slot);
    memory_text_free(window->key);
    free(window->places);
    free(window);
}

static void closing_free(void *value)
{
    struct closing *const closing = value;
    memory_text_free(closing->key);
    free(closing);
}

void memory_throttles_release(struct memory_partition *partition)
{
    memory_map_release(&partition->throttles, window_free);
    memory_map_release(&partition->closings, closing_free);
}

/* ---- one window ---- */

static struct window *window_of(struct memory_partition *partition, struct text key)
{
    struct window *window = memory_map_get(&partition->throttles, key);
    if (!window) {
        window = memory_alloc(sizeof *window);
        window->key = memory_text_copy(key);
        memory_map_put(&partition->throttles, window->key, window);
    }
    return window;
}

static void window_cut(struct window *window, size_t index)
{
    memory_text_free(window->places[index].slot);
    window->count--;
    memmove(
        &window->places[index], &window->places[index + 1],
        (window->count - index) * sizeof *window->places);
}

static void window_trim(struct window *window, int64_t until_ms)
{
    while (window->count > 0 && window->places[0].at_ms <= until_ms)
        window_cut(window, 0);
}

/* The slot's instant, taken out of the window; -1 where it has none. */
static int64_t window_take_own(struct window *window, struct text slot)
{
    for (size_t i = 0; i < window->count; i++) {
        if (text_equal(window->places[i].slot, slot)) {
            const int64_t at_ms = window->places[i].at_ms;
            window_cut(window, i);
            return at_ms;
        }
    }
    return -1;
}

static void window_add(struct window *window, struct text slot, int64_t at_ms)
{
    if (window->count == window->capacity) {
        window->capacity = window->capacity ? window->capacity * 2 : 16;
        window->places = realloc(window->places, window->capacity * sizeof *window->places);
        MUST(window->places);
    }
    size_t index = window->count++;
    for (; index > 0 && window->places[index - 1].at_ms > at_ms; index--)
        window->places[index] = window->places[index - 1];
    window->places[index] = (struct place){.slot = memory_text_copy(slot), .at_ms = at_ms};
}

/* The instant before which the max newest places up to `last` allow no more; -1: they do. */
static int64_t window_opens(
    const struct window *window, const struct throttle_limit *limit, int64_t last_ms)
{
    size_t count = window->count;
    while (count > 0 && window->places[count - 1].at_ms > last_ms)
        count--;
    if (count < (size_t)limit->max)
        return -1;
    return window->places[count - (size_t)limit->max].at_ms + limit->window_ms;
}

/* ---- take ---- */

struct take_args {
    struct text channel;
    struct wall_ms now;
    struct throttle_ask *asks;
    size_t count;
};

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static struct text closing_key(struct memory_call *call, struct text channel, struct text mailbox)
{
    struct buf buf;
    buf_init(&buf, 65536);
    buf_text(&buf, channel);
    buf_char(&buf, '\0');
    buf_text(&buf, mailbox);
    const struct text key = memory_call_text(call, buf_view(&buf));
    buf_release(&buf);
    return key;
}

static int64_t closed_until(
    struct memory_call *call,
    struct memory_partition *partition,
    struct text channel,
    struct text mailbox)
{
    const struct closing *const closing =
        memory_map_get(&partition->closings, closing_key(call, channel, mailbox));
    return closing ? closing->until_ms : 0;
}

static int64_t limit_ask(
    struct window *window,
    const struct throttle_ask *ask,
    const struct throttle_limit *limit,
    int64_t now_ms,
    int64_t *ret_own_ms)
{
    window_trim(window, now_ms - limit->window_ms);
    const int64_t own_ms = window_take_own(window, ask->slot);
    const int64_t opens_ms = window_opens(window, limit, now_ms);
    *ret_own_ms = own_ms;
    if (opens_ms <= now_ms)
        return now_ms;
    if (own_ms > now_ms)
        return own_ms; /* it keeps its place */
    if (own_ms >= 0 || ask->urgent)
        return opens_ms; /* before those that wait */
    return window_opens(window, limit, INT64_MAX);
}

static int64_t ask_go(
    struct memory_partition *partition,
    const struct throttle_ask *ask,
    int64_t closed_ms,
    int64_t now_ms)
{
    int64_t go_ms = later(now_ms, closed_ms);
    bool waits = false;
    for (size_t i = 0; i < ask->limit_count; i++) {
        int64_t own_ms = -1;
        struct window *const window = window_of(partition, ask->limits[i].key);
        go_ms = later(go_ms, limit_ask(window, ask, &ask->limits[i], now_ms, &own_ms));
        waits = waits || own_ms >= 0;
    }
    for (size_t i = 0; i < ask->limit_count && go_ms > now_ms && !waits && !ask->urgent; i++) {
        const struct window *const window = window_of(partition, ask->limits[i].key);
        go_ms = later(go_ms, window_opens(window, &ask->limits[i], INT64_MAX));
    }
    for (size_t i = 0; i < ask->limit_count; i++)
        window_add(window_of(partition, ask->limits[i].key), ask->slot, go_ms);
    return go_ms;
}

static struct memory_partition *channel_partition(struct memory_call *call, struct text channel)
{
    return memory_partition_of(call, store_partition_of(&call->handle->store, channel));
}

static void take_run(struct memory_call *call)
{
    const struct take_args *const args = call->args;
    struct memory_partition *const partition = channel_partition(call, args->channel);
    struct wall_ms *const goes = memory_call_array(call, args->count, sizeof *goes);
    const int64_t all_ms = closed_until(call, partition, args->channel, TEXT_LITERAL("*"));
    for (size_t i = 0; i < args->count; i++) {
        const struct throttle_ask *const ask = &args->asks[i];
        const int64_t closed_ms = closed_until(call, partition, args->channel, ask->mailbox);
        goes[i].ms = ask_go(partition, ask, later(all_ms, closed_ms), args->now.ms);
    }
    call->result = goes;
    call->count = args->count;
}

static void take_answer(struct memory_call *call)
{
    call->done.throttle(call->context, call->err, call->why, call->result, call->count);
}

static void ask_copy(
    struct memory_call *call, struct throttle_ask *copy, const struct throttle_ask *ask)
{
    struct throttle_limit *const limits = memory_call_array(call, ask->limit_count, sizeof *limits);
    for (size_t i = 0; i < ask->limit_count; i++) {
        limits[i] = ask->limits[i];
        limits[i].key = memory_call_text(call, ask->limits[i].key);
    }
    *copy = *ask;
    copy->slot = memory_call_text(call, ask->slot);
    copy->mailbox = memory_call_text(call, ask->mailbox);
    copy->limits = limits;
}

void memory_throttle_take(
    struct store *store,
    struct text channel,
    struct wall_ms now,
    const struct throttle_ask *asks,
    size_t count,
    store_throttle_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct take_args), context);
    struct take_args *const args = call->args;
    args->channel = memory_call_text(call, channel);
    args->now = now;
    args->count = count;
    args->asks = memory_call_array(call, count, sizeof *args->asks);
    for (size_t i = 0; i < count; i++)
        ask_copy(call, &args->asks[i], &asks[i]);
    call->run = take_run;
    call->answer = take_answer;
    call->done.throttle = done;
    memory_call_queue(call, LANE_MAIN);
}

/* ---- close ---- */

struct close_args {
    struct text channel;
    struct text mailbox;
    struct wall_ms until;
};

static void close_run(struct memory_call *call)
{
    const struct close_args *const args = call->args;
    struct memory_partition *const partition = channel_partition(call, args->channel);
    const struct text key = closing_key(call, args->channel, args->mailbox);
    struct closing *closing = memory_map_get(&partition->closings, key);
    if (!closing) {
        closing = memory_alloc(sizeof *closing);
        closing->key = memory_text_copy(key);
        memory_map_put(&partition->closings, closing->key, closing);
    }
    closing->until_ms = later(closing->until_ms, args->until.ms);
}

static void close_answer(struct memory_call *call)
{
    call->done.plain(call->context, call->err, call->why);
}

void memory_throttle_close(
    struct store *store,
    struct text channel,
    struct text mailbox,
    struct wall_ms until,
    store_plain_done *done,
    void *context)
{
    struct memory_call *const call = memory_call_create(store, sizeof(struct close_args), context);
    *(struct close_args *)call->args = (struct close_args){
        .channel = memory_call_text(call, channel),
        .mailbox = memory_call_text(call, mailbox),
        .until = until,
    };
    call->run = close_run;
    call->answer = close_answer;
    call->done.plain = done;
    memory_call_queue(call, LANE_MAIN);
}
