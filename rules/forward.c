/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step at a time; what a firing points to is copied out of the step's arena.
 */
#include "rules/forward.h"

#include <string.h>

enum err forward_look(
    struct forward *forward,
    const struct rulebook *rulebook,
    struct wall_ms now,
    struct forward_step *ret_step)
{
    arena_reset(forward->passing);
    const enum err err =
        case_fold(&forward->memory, rulebook, now, forward->passing, &ret_step->state);
    if (err != ERR_OK)
        return err;
    return case_plan(
        ret_step->state, &forward->memory, rulebook, now, forward->passing, &ret_step->plan);
}

/* A clock's name lasts as long as its rule; that of a co-handling unit is made by each fold. */
struct text forward_name(struct arena *arena, const struct run *run)
{
    return run->co_unit.bytes > 0 ? arena_text(arena, run->clock) : run->rule->id;
}

bool forward_remember(struct forward *forward, const struct firing *firing)
{
    struct fired fired = firing->fired;
    struct text *to = arena_array(forward->lasting, fired.to_count, sizeof(*to));
    if (!to)
        return false;
    if (fired.to_count > 0) /* the ids themselves belong to the directory */
        memcpy(to, fired.to, fired.to_count * sizeof(*to));
    fired.to = to;
    fired.clock = forward_name(forward->lasting, firing->run);
    return fired.clock.ptr && memory_add_fired(&forward->memory, forward->lasting, &fired, 1);
}
