/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until the ledger holds what the journal holds: asked once for the journal's ends, then
 * compared with the ledger's positions until it has got there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "console/changes.h"

#define LOOK_MS     5
#define PLACE_BYTES 48

struct catch_up {
    struct console *console;
    struct loop_timer *timer;
    bool queues;
    bool known;       /* `ends` are the journal's */
    int64_t until_ms; /* monotonic */
    char ends[STORE_PARTITIONS_MAX][PLACE_BYTES];
    catch_up_done *done;
    void *context;
};

static void finish(struct catch_up *self, enum err err)
{
    catch_up_done *done = self->done;
    void *context = self->context;
    loop_timer_free(self->timer);
    free(self);
    done(context, err);
}

static bool is_caught_up(const struct catch_up *self)
{
    const int32_t partitions = store_partitions(self->console->env->store);
    for (int32_t partition = 0; self->known && partition < partitions; partition++) {
        if (!ledger_has_reached(self->console->ledger, partition, text_of(self->ends[partition]))) {
            return false;
        }
    }
    return self->known;
}

static void on_overview(
    void *context, enum err err, const char *why, const struct store_overview *overview)
{
    struct catch_up *self = context;
    int64_t waiting = 0;
    (void)why;
    for (size_t index = 0; !err && index < overview->partition_count; index++) {
        waiting += self->queues ? overview->partitions[index].events : 0;
        (void)snprintf(
            self->ends[index], PLACE_BYTES, "%.*s",
            TEXT_ARGS(overview->partitions[index].journal_last));
    }
    self->known = !err && waiting == 0;
    loop_timer_arm(self->timer, self->known ? 0 : LOOK_MS);
}

static void look(void *context)
{
    struct catch_up *self = context;
    if (is_caught_up(self)) {
        finish(self, ERR_OK);
    } else if (clock_mono().ms >= self->until_ms) {
        finish(self, ERR_TIMEOUT);
    } else if (self->known) {
        loop_timer_arm(self->timer, LOOK_MS);
    } else {
        store_overview_read(self->console->env->store, on_overview, self);
    }
}

void catch_up_begin(
    struct console *console, bool queues, int64_t wait_ms, catch_up_done *done, void *context)
{
    struct catch_up *self = calloc(1, sizeof(*self));
    if (self) {
        *self = (struct catch_up){
            .console = console,
            .queues = queues,
            .until_ms = clock_mono().ms + wait_ms,
            .done = done,
            .context = context,
        };
        self->timer = loop_timer_create(console->env->loop, look, self);
    }
    if (!self || !self->timer) {
        free(self);
        done(context, ERR_NO_MEMORY);
        return;
    }
    loop_timer_arm(self->timer, 0);
}
