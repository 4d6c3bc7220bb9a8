/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-shot timers over libevent: the loop of production. The hand-driven twin is
 * store/loop_manual.c; the public calls below choose between the two by the loop's kind.
 */
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/lap.h"
#include "store/loop_kinds.h"

struct loop *loop_libevent_create(struct event_base *base)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (loop) {
        loop->base = base;
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    free(loop);
}

static void on_event(evutil_socket_t fd, short what, void *context)
{
    struct loop_timer *timer = context;
    (void)fd;
    (void)what;
    lap_begin();
    timer->fire(timer->context);
    lap_end();
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_fire_fn *fire, void *context)
{
    struct loop_timer *timer = calloc(1, sizeof(*timer));
    if (!timer) {
        return NULL;
    }
    *timer = (struct loop_timer){.loop = loop, .fire = fire, .context = context};
    if (!loop->base) {
        loop_manual_link(timer);
        return timer;
    }
    timer->event = event_new(loop->base, -1, 0, on_event, timer);
    if (!timer->event) {
        free(timer);
        return NULL;
    }
    return timer;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (!timer) {
        return;
    }
    if (timer->event) {
        event_free(timer->event);
    } else {
        loop_manual_unlink(timer);
    }
    free(timer);
}

void loop_timer_arm(struct loop_timer *timer, int64_t real_ms)
{
    const int64_t wait_ms = real_ms < 0 ? 0 : real_ms;
    if (!timer->event) {
        loop_manual_arm(timer, wait_ms);
        return;
    }
    const struct timeval wait = {
        .tv_sec = (time_t)(wait_ms / 1000),
        .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000),
    };
    (void)event_add(timer->event, &wait); /* fails only without memory: the heartbeat shows it */
}

void loop_timer_disarm(struct loop_timer *timer)
{
    if (timer->event) {
        (void)event_del(timer->event);
    } else {
        timer->armed = false;
    }
}

int64_t loop_real_ms(struct loop *loop)
{
    return loop->base ? clock_mono().ms : loop->now_ms;
}
