/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One store for a test, whichever implementation: handles on it, and calls made synchronous, so
 * that a contract test reads as a list of steps. Redis runs with a short lease; in the twin the
 * rig moves real time.
 */
#ifndef NRT_TESTS_SUPPORT_STORE_RIG_H
#define NRT_TESTS_SUPPORT_STORE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_open.h"
#include "tests/support/redis_server.h"
#include "tests/support/store_answer.h"

enum rig_kind { RIG_MEMORY, RIG_REDIS };

struct store_rig {
    enum rig_kind kind;
    int32_t partitions;
    struct memory_world *world;
    int64_t real_ms;
    struct prng prng;
    struct redis_server *server;
    struct event_base *base;
};

/* The lease of Redis handles in tests. */
#define RIG_LEASE_MS 400

/* NULL where Redis cannot be started. */
struct store_rig *store_rig_create(enum rig_kind kind, int32_t partitions);
void store_rig_free(struct store_rig *rig); /* accepts NULL */
/* Wipe Redis, or begin a new world; handles must be closed. */
void store_rig_clear(struct store_rig *rig);
/* What store_redis_open takes in this rig; a test may change it and open a handle by itself. */
struct store_redis_options store_rig_options(const struct store_rig *rig, const char *instance);
/* Ready to use. */
struct store *store_rig_open(struct store_rig *rig, const char *instance);
/* Moves the store until *done or for ten seconds; returns *done. */
bool store_rig_pump(struct store_rig *rig, const bool *done);
/* Moves Redis until *done or so long. */
void store_rig_turn(struct store_rig *rig, const bool *done, int64_t turn_ms);
/* Real time passes, and every lease is out. */
void store_rig_pass_lease(struct store_rig *rig);

/* Moves the store until the call has answered; false (and a failed check) unless with `expected`.
 */
bool store_rig_wait(struct store_rig *rig, const struct store_answer *answer, enum err expected);

/* The rig and the answer of the running test; see store_rig_main. */
extern struct store_rig *rig;
extern struct store_answer got;

/* Make one call, e.g. STORE_DO(store_clock_read(store, answer_clock, &got)), and wait for it. Its
 * arguments may come from the last answer, because a call copies them. */
#define STORE_DO(call)          STORE_DO_ERR(ERR_OK, call)
#define STORE_DO_ERR(err, call) ((call), store_answer_clear(&got), store_rig_wait(rig, &got, (err)))

struct store_test {
    const char *name;
    void (*run)(void);
};

#define STORE_TEST(function)                                                                       \
    {                                                                                              \
        .name = #function, .run = (function)                                                       \
    }

/* Runs each test on a fresh store: twin and Redis, with one and three partitions. */
int store_rig_main(const struct store_test *tests, size_t count, int argc, char **argv);
/* The same over Redis alone, with one partition. */
int store_rig_main_redis(const struct store_test *tests, size_t count, int argc, char **argv);

#endif
