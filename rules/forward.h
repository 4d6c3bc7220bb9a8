/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case in ideal time (private to rules/): at one moment everything due fires and is remembered,
 * and the plan says when the next moment is. Simulation and preview both go step by step like
 * this; the live service does the same with records in between.
 */
#ifndef NRT_RULES_FORWARD_H
#define NRT_RULES_FORWARD_H

#include "rules/case.h"

struct forward {
    struct case_memory memory;
    struct arena *lasting; /* of the memory: not reset here */
    struct arena *passing; /* of one step: reset by the next */
};

/* What a step came to; lives until the next one. */
struct forward_step {
    const struct case_state *state;
    struct case_plan plan;
};

/* Fold and plan at `now`; the firings are not remembered yet. ERR_NO_MEMORY. */
enum err forward_look(
    struct forward *forward,
    const struct rulebook *rulebook,
    struct wall_ms now,
    struct forward_step *ret_step) ERR_MUST_USE;
/* Remember a firing of the last step. False when memory is out. */
bool forward_remember(struct forward *forward, const struct firing *firing);
/* The name of a run's clock in the arena, where it is not its rule's own. .ptr NULL: no memory. */
struct text forward_name(struct arena *arena, const struct run *run);

#endif
