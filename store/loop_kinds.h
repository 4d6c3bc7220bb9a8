/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the two loops, shared by store/loop_*.c only: a timer is either a libevent event or a
 * member of the manual loop's list.
 */
#ifndef NRT_STORE_LOOP_KINDS_H
#define NRT_STORE_LOOP_KINDS_H

#include "store/loop.h"

struct event;

struct loop_timer {
    struct loop *loop;
    loop_fire_fn *fire;
    void *context;
    struct event *event; /* libevent; NULL in the manual loop */

    /* Manual loop. */
    struct loop_timer *next;
    bool armed;
    int64_t at_ms;
    uint64_t order; /* of arming: ties fire in the order they were armed */
};

struct loop {
    struct event_base *base; /* not owned; NULL in the manual loop */

    /* Manual loop. */
    int64_t now_ms;
    uint64_t armed_count;
    struct loop_timer *timers;
};

/* Become a member of the manual loop, disarmed. */
void loop_manual_link(struct loop_timer *timer);
/* Leave it. */
void loop_manual_unlink(struct loop_timer *timer);
void loop_manual_arm(struct loop_timer *timer, int64_t wait_ms);

#endif
