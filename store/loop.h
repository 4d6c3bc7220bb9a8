/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-shot timers on real milliseconds, so that role logic runs over libevent in production and
 * over a hand-driven loop in simulation.
 */
#ifndef NRT_STORE_LOOP_H
#define NRT_STORE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;

struct loop_timer; /* opaque */
typedef void loop_fire_fn(void *context);

struct loop *loop_libevent_create(struct event_base *base);
struct loop *loop_manual_create(void);
void loop_free(struct loop *loop);

/* NULL when memory is out. Free disarms. */
struct loop_timer *loop_timer_create(struct loop *loop, loop_fire_fn *fire, void *context);
void loop_timer_free(struct loop_timer *timer); /* accepts NULL */
/* Fires once after real_ms (0: next turn of the loop). Arming again moves it. */
void loop_timer_arm(struct loop_timer *timer, int64_t real_ms);
void loop_timer_disarm(struct loop_timer *timer);

/* Monotonic real time of this loop: CLOCK_MONOTONIC, or the simulation's. */
int64_t loop_real_ms(struct loop *loop);

/* Manual loop: move real time on and fire what is due, one timer a call; false when none is due at
 * or before to_ms (time is then to_ms). */
bool loop_manual_advance(struct loop *loop, int64_t to_ms);
/* The earliest armed instant, INT64_MAX when none. */
int64_t loop_manual_next(const struct loop *loop);

#endif
