/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on their way to Redis: their memory, their parts, their one answer, and the lanes in
 * which calls that may block wait for their turn.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/must.h"
#include "store/redis_store.h"

struct redis_call *redis_call_create(struct store *store, size_t state_bytes, void *context)
{
    struct redis_call *const call = calloc(1, sizeof *call);
    MUST(call); /* the answer could not even be told */
    struct redis_store *const self = (struct redis_store *)store;
    call->self = self;
    call->context = context;
    arena_init(&call->arena, 0);
    call->state = redis_call_array(call, 1, state_bytes);
    call->next = self->calls;
    if (self->calls)
        self->calls->previous = call;
    self->calls = call;
    return call;
}

void *redis_call_array(struct redis_call *call, size_t count, size_t item_bytes)
{
    void *const array = arena_array(&call->arena, count, item_bytes);
    MUST(array); /* bounded by the limits of a call and of a reply */
    return array;
}

struct text redis_call_text(struct redis_call *call, struct text text)
{
    const struct text copy = arena_text(&call->arena, text);
    MUST(copy.ptr);
    return copy;
}

void redis_call_fail(struct redis_call *call, enum err err, const char *why)
{
    if (call->err)
        return;
    call->err = err_set(&call->why, err, "%s", why);
}

void redis_call_fail_shape(struct redis_call *call)
{
    redis_call_fail(call, ERR_PROTO, "a function of ours in Redis answered in an unknown form");
}

static void call_unlink(struct redis_call *call)
{
    if (call->previous) {
        call->previous->next = call->next;
    } else {
        call->self->calls = call->next;
    }
    if (call->next)
        call->next->previous = call->previous;
}

/* The store may be closed by the answer, which frees what is still linked: unlink first. */
static void call_finish(struct redis_call *call)
{
    struct redis_lane *const lane = call->lane;
    if (call->err && call->on_failed)
        call->on_failed(call);
    call_unlink(call);
    if (lane) {
        lane->current = NULL;
        redis_lanes_pump(call->self);
    }
    call->answer(call);
    arena_release(&call->arena);
    free(call);
}

struct part {
    struct redis_call *call;
    size_t index;
};

static void part_done(void *context, enum err err, const char *why, const struct redisReply *reply)
{
    const struct part *const part = context;
    struct redis_call *const call = part->call;
    call->awaited--;
    if (err) {
        redis_call_fail(call, err, why);
    } else if (!call->err) {
        call->on_reply(call, part->index, reply);
    }
    if (redis_error_is_no_function(reply) || redis_error_is_no_group(reply))
        redis_open_again(call->self);
    if (call->awaited)
        return;
    if (!call->err && call->next_phase && call->next_phase(call))
        return;
    call_finish(call);
}

void redis_call_send(
    struct redis_call *call, size_t part, struct redis_command *command, int64_t wait_ms)
{
    struct redis_store *const self = call->self;
    if (self->state != REDIS_READY) {
        redis_call_fail(call, ERR_AWAY, "there is no connection to Redis now");
        redis_command_release(command);
        return;
    }
    struct part *const context = redis_call_array(call, 1, sizeof *context);
    *context = (struct part){.call = call, .index = part};
    call->awaited++;
    redis_transport_send(
        call->lane ? call->lane->transport : self->main, command, wait_ms, part_done, context);
}

static void soon_append(struct redis_call *call)
{
    struct redis_store *const self = call->self;
    call->queue_next = NULL;
    if (self->soon_last) {
        self->soon_last->queue_next = call;
    } else {
        self->soon_first = call;
    }
    self->soon_last = call;
    event_active(self->soon, 0, 0);
}

void redis_call_sent(struct redis_call *call)
{
    if (call->awaited == 0)
        soon_append(call);
}

/* One a turn: each answer may close the store, and then this event is gone as well. */
static void on_soon(evutil_socket_t fd, short what, void *context)
{
    struct redis_store *const self = context;
    struct redis_call *const call = self->soon_first;
    (void)fd;
    (void)what;
    if (!call)
        return;
    self->soon_first = call->queue_next;
    if (self->soon_first) {
        event_active(self->soon, 0, 0);
    } else {
        self->soon_last = NULL;
    }
    call_finish(call);
}

bool redis_calls_init(struct redis_store *self)
{
    self->soon = event_new(self->base, -1, 0, on_soon, self);
    return self->soon;
}

void redis_calls_release(struct redis_store *self)
{
    if (self->soon)
        event_free(self->soon);
    while (self->calls) {
        struct redis_call *const next = self->calls->next;
        arena_release(&self->calls->arena);
        free(self->calls);
        self->calls = next;
    }
}

/* ---- lanes ---- */

static void lane_up(void *context)
{
    const struct redis_lane *const lane = context;
    redis_lanes_pump(lane->self);
}

static void lane_fail(struct redis_lane *lane, enum err err, const char *why)
{
    struct redis_call *call = lane->first;
    lane->first = lane->last = NULL;
    while (call) {
        struct redis_call *const next = call->queue_next;
        call->lane = NULL; /* it never was the lane's current one */
        redis_call_fail(call, err, why);
        soon_append(call);
        call = next;
    }
}

static void lane_down(void *context, enum err err, const char *why)
{
    lane_fail(context, err == ERR_REFUSED ? err : ERR_AWAY, why);
}

static void lane_connect(struct redis_lane *lane)
{
    struct redis_transport_options options = lane->self->connection;
    struct err_why why;
    options.on_up = lane_up;
    options.on_down = lane_down;
    options.context = lane;
    lane->transport = redis_transport_create(&options, &why);
    MUST(lane->transport); /* the URL was good enough for the main connection */
}

static void lane_pump(struct redis_lane *lane)
{
    if (lane->current || !lane->first || !redis_transport_is_up(lane->transport))
        return;
    lane->current = lane->first;
    lane->first = lane->first->queue_next;
    if (!lane->first)
        lane->last = NULL;
    lane->current->start(lane->current);
    redis_call_sent(lane->current);
}

void redis_lanes_pump(struct redis_store *self)
{
    if (self->state != REDIS_READY)
        return;
    for (size_t i = 0; i < REDIS_LANE_COUNT; i++)
        lane_pump(&self->lanes[i]);
}

void redis_lanes_fail(struct redis_store *self, const char *why)
{
    for (size_t i = 0; i < REDIS_LANE_COUNT; i++)
        lane_fail(&self->lanes[i], ERR_AWAY, why);
}

void redis_lane_queue(struct redis_lane *lane, struct redis_call *call)
{
    if (lane->self->state != REDIS_READY) {
        redis_call_fail(call, ERR_AWAY, "there is no connection to Redis now");
        soon_append(call);
        return;
    }
    if (!lane->transport)
        lane_connect(lane);
    call->lane = lane;
    call->queue_next = NULL;
    if (lane->last) {
        lane->last->queue_next = call;
    } else {
        lane->first = call;
    }
    lane->last = call;
    redis_lanes_pump(lane->self);
}
