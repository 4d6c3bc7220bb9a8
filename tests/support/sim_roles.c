/* SPDX-License-Identifier: Apache-2.0 */
/* See sim_roles.h. */
#include "tests/support/sim_roles.h"

#include <stdlib.h>

#include "monitor/monitor.h"

static void *create_monitor(struct role_env *env, void *lasting)
{
    (void)lasting;
    return monitor_create(env);
}

static void drop_monitor(void *role)
{
    monitor_free(role);
}

/* Stands where the notifier does: takes what monitors put out, and acknowledges it. */
struct sink {
    struct role_env *env;
    struct loop_timer *timer;
};

static void sink_take(void *context);

static void sink_acked(void *context, enum err err, const char *why)
{
    (void)err;
    (void)why;
    sink_take(context);
}

static void sink_taken(
    void *context, enum err err, const char *why, const struct store_entry *entries, size_t count)
{
    (void)err;
    (void)why;
    struct sink *sink = context;
    struct store_ack acks[16];
    for (size_t index = 0; index < count; index++) {
        acks[index] = (struct store_ack){entries[index].partition, entries[index].position};
    }
    if (count > 0) {
        store_queue_ack(sink->env->store, QUEUE_OUTBOX, acks, count, sink_acked, sink);
    } else {
        sink_take(sink);
    }
}

static void sink_take(void *context)
{
    struct sink *sink = context;
    store_queue_take(sink->env->store, QUEUE_OUTBOX, 16, 1000, sink_taken, sink);
}

static void *create_sink(struct role_env *env, void *lasting)
{
    (void)lasting;
    struct sink *sink = calloc(1, sizeof(*sink));
    if (!sink) {
        return NULL;
    }
    sink->env = env;
    sink->timer = loop_timer_create(env->loop, sink_take, sink);
    loop_timer_arm(sink->timer, 0);
    return sink;
}

static void drop_sink(void *role)
{
    loop_timer_free(((struct sink *)role)->timer);
    free(role);
}

const struct sim_role sim_monitor = {"monitor", create_monitor, drop_monitor, NULL};
const struct sim_role sim_sink = {"sink", create_sink, drop_sink, NULL};

bool sim_replay(struct sim_world *world, const struct history *history)
{
    struct text subjects[64];
    for (size_t index = 0; index < history->event_count;) {
        const struct wall_ms at = history->events[index].arrived;
        size_t count = 0;
        while (index + count < history->event_count && count < 64 &&
               history->events[index + count].arrived.ms == at.ms) {
            subjects[count] = history->events[index + count].subject;
            count++;
        }
        if (at.ms > history->until.ms) {
            break;
        }
        if (!sim_world_arrive(world, at, &history->bodies[index], subjects, count)) {
            return false;
        }
        index += count;
    }
    return sim_world_step_to(world, history->until);
}
