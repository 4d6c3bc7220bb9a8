/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and moving a store in a test: the twin step by step with a seeded generator, Redis
 * over an event loop.
 */
#include "tests/support/store_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/must.h"
#include "tests/support/check.h"

#define PUMP_MS 10000

struct store_rig *rig;
struct store_answer got;

struct store_rig *store_rig_create(enum rig_kind kind, int32_t partitions)
{
    struct store_rig *const self = calloc(1, sizeof *self);
    MUST(self);
    self->kind = kind;
    self->partitions = partitions;
    prng_seed(&self->prng, /* seed= */ 7);
    if (kind == RIG_MEMORY) {
        self->world = memory_world_create(partitions);
        return self;
    }
    self->base = event_base_new();
    self->server = redis_server_create();
    if (!self->base || !self->server) {
        store_rig_free(self);
        return NULL;
    }
    return self;
}

void store_rig_free(struct store_rig *self)
{
    if (!self)
        return;
    memory_world_free(self->world);
    if (self->base)
        event_base_free(self->base);
    redis_server_free(self->server);
    free(self);
}

void store_rig_clear(struct store_rig *self)
{
    if (self->kind == RIG_REDIS) {
        CHECK_STR(redis_server_command(self->server, "FLUSHALL"), "+OK");
        return;
    }
    memory_world_free(self->world);
    self->world = memory_world_create(self->partitions);
    memory_world_set_real(self->world, self->real_ms);
}

static bool pump_memory(struct store_rig *self, const bool *done)
{
    while (!*done) {
        if (memory_world_step(self->world, &self->prng))
            continue;
        const int64_t wait_ms = memory_world_next_wait(self->world);
        if (wait_ms == INT64_MAX)
            return false;
        self->real_ms = wait_ms;
        memory_world_set_real(self->world, wait_ms);
    }
    return true;
}

static void wake_up(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
}

static bool pump_redis(struct store_rig *self, const bool *done, int64_t pump_ms)
{
    const int64_t end_ms = clock_mono().ms + pump_ms;
    struct event *const tick = event_new(self->base, -1, EV_PERSIST, wake_up, NULL);
    const struct timeval often = {.tv_usec = 20000};
    MUST(tick);
    (void)event_add(tick, &often);
    while (!(done && *done) && clock_mono().ms < end_ms)
        (void)event_base_loop(self->base, EVLOOP_ONCE);
    event_free(tick);
    return done && *done;
}

bool store_rig_pump(struct store_rig *self, const bool *done)
{
    return self->kind == RIG_MEMORY ? pump_memory(self, done) : pump_redis(self, done, PUMP_MS);
}

void store_rig_turn(struct store_rig *self, const bool *done, int64_t turn_ms)
{
    (void)pump_redis(self, done, turn_ms);
}

void store_rig_pass_lease(struct store_rig *self)
{
    if (self->kind == RIG_REDIS) {
        (void)pump_redis(self, NULL, RIG_LEASE_MS + 50);
        return;
    }
    self->real_ms += STORE_LEASE_MS;
    memory_world_set_real(self->world, self->real_ms);
}

struct store_redis_options store_rig_options(const struct store_rig *self, const char *instance)
{
    return (struct store_redis_options){
        .base = self->base,
        .url = text_of(redis_server_url(self->server)),
        .prefix = TEXT_LITERAL("t"),
        .partitions = self->partitions,
        .instance = text_of(instance),
        .lease_ms = RIG_LEASE_MS,
    };
}

static struct store *open_redis(struct store_rig *self, const char *instance)
{
    struct store_answer ready;
    const struct store_redis_options options = store_rig_options(self, instance);
    store_answer_init(&ready);
    struct store *const store = store_redis_open(&options, answer_plain, &ready);
    MUST(store);
    CHECK(store_rig_pump(self, &ready.done));
    CHECK_STR(ready.why, "");
    store_answer_release(&ready);
    return store;
}

struct store *store_rig_open(struct store_rig *self, const char *instance)
{
    if (self->kind == RIG_REDIS)
        return open_redis(self, instance);
    return store_memory_open(self->world, text_of(instance));
}

bool store_rig_wait(struct store_rig *self, const struct store_answer *answer, enum err expected)
{
    if (!CHECK(store_rig_pump(self, &answer->done)))
        return false;
    if (CHECK_STR(err_name(answer->err), err_name(expected)))
        return true;
    printf("      why: %s\n", answer->why);
    return false;
}

static void run_all(
    enum rig_kind kind, int32_t partitions, const struct store_test *tests, size_t count)
{
    rig = store_rig_create(kind, partitions);
    if (!CHECK(rig))
        return;
    for (size_t i = 0; i < count; i++) {
        char name[160];
        (void)snprintf(
            name, sizeof name, "%s_of_%d/%s", kind == RIG_MEMORY ? "memory" : "redis", partitions,
            tests[i].name);
        store_rig_clear(rig);
        check_run(tests[i].run, name);
    }
    store_rig_free(rig);
    rig = NULL;
}

int store_rig_main(const struct store_test *tests, size_t count, int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    store_answer_init(&got);
    run_all(RIG_MEMORY, 1, tests, count);
    run_all(RIG_MEMORY, 3, tests, count);
    run_all(RIG_REDIS, 1, tests, count);
    run_all(RIG_REDIS, 3, tests, count);
    store_answer_release(&got);
    return check_done();
}

int store_rig_main_redis(const struct store_test *tests, size_t count, int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    store_answer_init(&got);
    run_all(RIG_REDIS, 1, tests, count);
    store_answer_release(&got);
    return check_done();
}
