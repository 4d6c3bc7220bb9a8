/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on their way, and what watchers are told: both are things a step of the world delivers.
 * Arguments and answers live in the call's own arena, so that nothing outlives its answer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "store/memory.h"

struct memory_call *memory_call_create(struct store *store, size_t arg_bytes, void *context)
{
    struct memory_call *const call = memory_alloc(sizeof *call);
    arena_init(&call->arena, 0);
    call->handle = (struct memory_handle *)store;
    call->context = context;
    call->why = "";
    call->args = memory_call_array(call, 1, arg_bytes);
    return call;
}

void memory_call_free(struct memory_call *call)
{
    arena_release(&call->arena);
    free(call);
}

void memory_call_append(struct memory_queue_of_calls *queue, struct memory_call *call)
{
    call->next = NULL;
    if (queue->last) {
        queue->last->next = call;
    } else {
        queue->first = call;
    }
    queue->last = call;
}

struct memory_call *memory_call_pop(struct memory_queue_of_calls *queue)
{
    struct memory_call *const call = queue->first;
    if (!call)
        return NULL;
    queue->first = call->next;
    if (!queue->first)
        queue->last = NULL;
    return call;
}

void memory_call_queue(struct memory_call *call, enum memory_lane lane)
{
    memory_call_append(&call->handle->waiting[lane], call);
}

struct text memory_call_text(struct memory_call *call, struct text text)
{
    const struct text copy = arena_text(&call->arena, text);
    MUST(copy.ptr);
    return copy;
}

void *memory_call_array(struct memory_call *call, size_t count, size_t item_bytes)
{
    void *const array = arena_array(&call->arena, count, item_bytes);
    MUST(array);
    return array;
}

struct text memory_call_position(struct memory_call *call, int64_t number)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64 "-0", number);
    return memory_call_text(call, text_of(text));
}

/* ---- notices to watchers ---- */

struct notice {
    struct wall_ms now;
    int64_t version;
    struct text body;
    bool connected;
};

static void answer_clock(struct memory_call *call)
{
    const struct store_watcher *const watcher = call->handle->watcher;
    const struct notice *const notice = call->args;
    if (watcher && watcher->on_clock)
        watcher->on_clock(watcher->context, notice->now);
}

static void answer_config(struct memory_call *call)
{
    const struct store_watcher *const watcher = call->handle->watcher;
    const struct notice *const notice = call->args;
    if (watcher && watcher->on_config)
        watcher->on_config(watcher->context, notice->version);
}

static void answer_published(struct memory_call *call)
{
    const struct store_watcher *const watcher = call->handle->watcher;
    const struct notice *const notice = call->args;
    if (watcher && watcher->on_published)
        watcher->on_published(watcher->context, notice->body);
}

static void answer_connected(struct memory_call *call)
{
    const struct store_watcher *const watcher = call->handle->watcher;
    const struct notice *const notice = call->args;
    if (watcher && watcher->on_connected)
        watcher->on_connected(watcher->context, notice->connected);
}

static struct notice *tell(struct memory_handle *handle, void (*answer)(struct memory_call *call))
{
    struct memory_call *const call =
        memory_call_create(&handle->store, sizeof(struct notice), NULL);
    call->answer = answer;
    memory_call_append(&handle->answers[LANE_NOTICES], call);
    return call->args;
}

void memory_tell_clock(struct memory_handle *handle)
{
    if (handle->watcher)
        tell(handle, answer_clock)->now = handle->world->clock;
}

void memory_tell_config(struct memory_handle *handle)
{
    if (handle->watcher)
        tell(handle, answer_config)->version = (int64_t)handle->world->bundle_count;
}

void memory_tell_all(struct memory_world *world, void (*tell_one)(struct memory_handle *handle))
{
    for (struct memory_handle *handle = world->handles; handle; handle = handle->next)
        tell_one(handle);
}

void memory_tell_connected(struct memory_handle *handle, bool connected)
{
    if (handle->watcher)
        tell(handle, answer_connected)->connected = connected;
}

void memory_tell_published(struct memory_world *world, struct text body)
{
    for (struct memory_handle *handle = world->handles; handle; handle = handle->next) {
        if (!handle->watcher)
            continue;
        struct memory_call *const call =
            memory_call_create(&handle->store, sizeof(struct notice), NULL);
        call->answer = answer_published;
        ((struct notice *)call->args)->body = memory_call_text(call, body);
        memory_call_append(&handle->answers[LANE_NOTICES], call);
    }
}
