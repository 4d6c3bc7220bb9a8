/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole service in one thread, from one seed: monitors (and notifiers) over the memory twin, a
 * shared service time that only the simulation moves, loops turned by hand, and crashes between
 * any two steps. The order of everything is drawn from the seed, so a seed is a bug report.
 */
#ifndef NRT_TESTS_SUPPORT_SIM_WORLD_H
#define NRT_TESTS_SUPPORT_SIM_WORLD_H

#include "base/clock.h"
#include "base/prng.h"
#include "config/policy.h"
#include "rules/event.h"
#include "store/role.h"
#include "store/store_open.h"

#define SIM_ACTORS_MAX 6

struct sim_world;

/* How an actor's role is brought up over its env, and dropped as a crash would drop it. */
struct sim_role {
    const char *name;
    void *(*create)(struct role_env *env, void *lasting);
    void (*drop)(void *role);
    /* What outlives a crash of this actor (a disk); may be NULL. */
    void *lasting;
};

struct sim_options {
    uint64_t seed;
    int32_t partitions;
    const struct bundle *bundle;
    /* Versions that come into force at their `since`; NULL: the bundle's policy alone. */
    const struct rulebook *rulebook;
    const struct settings *settings;
    /* On average one crash in so many turns; 0: none. */
    uint64_t crash_one_in;
};

struct sim_world *sim_world_create(const struct sim_options *options);
void sim_world_free(struct sim_world *world);
/* Add an actor, up at once; crashed and restarted under the same instance name. */
void sim_world_add(struct sim_world *world, const struct sim_role *role, const char *instance);
/* Crashes do not happen while held off (to let things drain). */
void sim_world_hold_crashes(struct sim_world *world, bool hold);

struct wall_ms sim_world_now(const struct sim_world *world);
struct prng *sim_world_prng(struct sim_world *world);
/* Monotonic real time of the world, the same for all loops. */
int64_t sim_world_real_ms(const struct sim_world *world);

/*
 * Move to `to`, stopping at every timer and ready message, each time until nothing is left to
 * do. False: it did not come to rest within the bound (a live-lock).
 */
bool sim_world_step_to(struct sim_world *world, struct wall_ms to);
/* Events that arrive at one instant: steps to just before it, then moves there with them. */
bool sim_world_arrive(
    struct sim_world *world,
    struct wall_ms at,
    const struct text *bodies,
    const struct text *subjects,
    size_t count);

/*
 * Events that come one by one in any order while everything runs, each with its own arrival:
 * they collide on cases and with timers. The caller steps on afterwards. False: one was not taken.
 */
bool sim_world_flood(
    struct sim_world *world,
    const struct text *bodies,
    const struct text *subjects,
    const struct wall_ms *arrived,
    size_t count);

/* An entry of a queue that arrives now, such as a gateway's call-back; steps until it is taken. */
bool sim_world_queue(struct sim_world *world, enum store_queue queue, struct text body);

/* All facts journalled so far, as one JSON array each; calls back in journal order. */
typedef void sim_fact_fn(void *context, const struct json_value *fact);
void sim_world_facts(struct sim_world *world, sim_fact_fn *fact, void *context);

size_t sim_world_crashes(const struct sim_world *world);

#endif
