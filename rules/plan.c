/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan: what fires at one instant, and when to look again (semantics section 7). Once the
 * firings are in the memory, a second plan at the same instant is empty and its next is later.
 */
#include "rules/plan.h"

/* NOLINTNEXTLINE(readability-function-size): what plan is a function of, and where to put it */
enum err case_plan(
    const struct case_state *state,
    const struct case_memory *memory,
    const struct rulebook *rulebook,
    struct wall_ms now,
    struct arena *arena,
    struct case_plan *ret_plan)
{
    struct planner planner = {
        .state = state,
        .memory = memory,
        .newest = rulebook_newest(rulebook),
        .now = now,
        .arena = arena,
        .candidates = {.arena = arena},
    };
    for (size_t i = 0; i < state->run_count; i++) {
        plan_collect(&planner, state->runs[i].internal);
        const enum err err = plan_fire(&planner, &state->runs[i]);
        if (err != ERR_OK)
            return err;
    }
    *ret_plan = (struct case_plan){
        .firings = planner.firings,
        .firing_count = planner.firing_count,
        .has_next = planner.has_next,
        .next = planner.next,
    };
    return ERR_OK;
}
