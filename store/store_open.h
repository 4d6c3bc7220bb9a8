/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a store. Redis: one event loop, one multiplexed connection plus blocking ones, all
 * reconnecting with jittered backoff. Memory: a world that outlives the handles opened on it, for
 * simulation.
 */
#ifndef NRT_STORE_STORE_OPEN_H
#define NRT_STORE_STORE_OPEN_H

#include "base/prng.h"
#include "store/store.h"

struct event_base;

struct store_redis_options {
    struct event_base *base;
    struct text url;      /* "unix:/path/redis.sock", "redis://host:port" */
    struct text user;     /* empty: default user */
    struct text password; /* empty: no AUTH */
    struct text prefix;
    int32_t partitions; /* must agree with nrt:meta once that is written: ERR_CONFLICT otherwise */
    struct text instance; /* stable consumer name: "monitor-1" */
    int64_t lease_ms;     /* 0: STORE_LEASE_MS */
    int64_t request_ms;   /* deadline of a request; 0: 5000 */
};
typedef void store_ready_fn(void *context, enum err err, const char *why);
/*
 * Start connecting. `ready` is called when functions are loaded, nrt:meta agrees and groups exist
 * (again never from inside the call); with an error that retrying cannot mend (other partition
 * count, other format), else it keeps trying. NULL only when memory is out. The process ignores
 * SIGPIPE from then on.
 */
struct store *store_redis_open(
    const struct store_redis_options *options, store_ready_fn *ready, void *context);

/* ---- memory twin ---- */

struct memory_world; /* what Redis would hold; survives the handles */
struct memory_world *memory_world_create(int32_t partitions);
void memory_world_free(struct memory_world *world);
/* A handle (an actor's connection). Calls queue up in it until the world is stepped. */
struct store *store_memory_open(struct memory_world *world, struct text instance);
/*
 * Do one thing, chosen by prng among all handles: carry out the oldest call of one handle, or
 * deliver its answer. False when there is nothing left to do. A handle closed between the two
 * has had its effect without an answer: what a crash looks like.
 */
bool memory_world_step(struct memory_world *world, struct prng *prng);
/* Real time of leases, moved by the simulation. */
void memory_world_set_real(struct memory_world *world, int64_t real_ms);
/* Waiting takes (wait_ms > 0) stay pending until something arrives or real time passes. */
/*
 * After a step that found nothing to do: the real time at which a waiting take ends, INT64_MAX
 * when none waits.
 */
int64_t memory_world_next_wait(const struct memory_world *world);
/* What a PUBLISH <prefix>:events does: every watcher that wants publications is told. */
void memory_world_publish(struct memory_world *world, struct text body);
/*
 * Break the handle's connection and let it come back at once: calls carried out but not answered
 * end with ERR_TIMEOUT, the others with ERR_AWAY; the watcher is told.
 */
void store_memory_break(struct store *store);

#endif
