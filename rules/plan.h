/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of plan (private to rules/): the occurrences of one run that fire at one moment.
 */
#ifndef NRT_RULES_PLAN_H
#define NRT_RULES_PLAN_H

#include "rules/fold.h"

struct candidate {
    const struct stage *stage;
    size_t order; /* in the file */
    struct wall_ms instant;
    bool collapsed; /* an earlier missed occurrence of a repeat */
    int32_t ordinal;
};

struct candidate_list {
    struct candidate *items;
    size_t count;
    size_t capacity;
    struct arena *arena;
    bool out_of_memory;
};

struct planner {
    const struct case_state *state;
    const struct case_memory *memory;
    const struct policy *newest;
    struct wall_ms now;
    struct arena *arena;
    struct candidate_list candidates; /* of the run in hand */
    struct firing *firings;
    size_t firing_count;
    size_t firing_capacity;
    bool has_next;
    struct wall_ms next;
};

/* plan_due.c: collect what of a run is due at now and not fired, and the next instants. */
void plan_collect(struct planner *planner, const struct fold_run *run);
/* plan_fire.c: decide status and people of the collected candidates, append the firings. */
enum err plan_fire(struct planner *planner, const struct run *run);

#endif
