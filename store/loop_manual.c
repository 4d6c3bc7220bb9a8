/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-shot timers that a simulation drives by hand: real time is a number that moves only when
 * told. A simulated role has a handful of timers, so a list is searched, not a heap.
 */
#include <stdlib.h>

#include "store/loop_kinds.h"

struct loop *loop_manual_create(void)
{
    return calloc(1, sizeof(struct loop));
}

void loop_manual_link(struct loop_timer *timer)
{
    timer->next = timer->loop->timers;
    timer->loop->timers = timer;
}

void loop_manual_unlink(struct loop_timer *timer)
{
    struct loop_timer **link = &timer->loop->timers;
    while (*link && *link != timer) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = timer->next;
    }
}

void loop_manual_arm(struct loop_timer *timer, int64_t wait_ms)
{
    struct loop *loop = timer->loop;
    timer->armed = true;
    timer->at_ms = wait_ms > INT64_MAX - loop->now_ms ? INT64_MAX : loop->now_ms + wait_ms;
    timer->order = loop->armed_count++;
}

static struct loop_timer *earliest(const struct loop *loop)
{
    struct loop_timer *found = NULL;
    for (struct loop_timer *timer = loop->timers; timer; timer = timer->next) {
        if (!timer->armed) {
            continue;
        }
        if (!found || timer->at_ms < found->at_ms ||
            (timer->at_ms == found->at_ms && timer->order < found->order)) {
            found = timer;
        }
    }
    return found;
}

bool loop_manual_advance(struct loop *loop, int64_t to_ms)
{
    struct loop_timer *timer = earliest(loop);
    if (!timer || timer->at_ms > to_ms) {
        loop->now_ms = to_ms > loop->now_ms ? to_ms : loop->now_ms;
        return false;
    }
    if (timer->at_ms > loop->now_ms) {
        loop->now_ms = timer->at_ms;
    }
    timer->armed = false;
    timer->fire(timer->context);
    return true;
}

int64_t loop_manual_next(const struct loop *loop)
{
    const struct loop_timer *timer = earliest(loop);
    return timer ? timer->at_ms : INT64_MAX;
}
