/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a step tells beside alerts, in the same commit: other systems of fired alerts, misses and
 * acknowledgements (settings `webhooks`), and those who were told that a case is overdue that it
 * no longer is (settings `all_clear`). Plays no part in what is due: a simulation never comes
 * here.
 */
#ifndef NRT_MONITOR_NOTICES_H
#define NRT_MONITOR_NOTICES_H

#include "config/policy.h"
#include "rules/case.h"

struct notices {
    const struct settings *settings; /* NULL: nothing is told */
    const struct bundle *bundle;     /* for the template of an all-clear; NULL: ready words */
    const struct rulebook *rulebook;
    struct wall_ms now;
    struct arena *arena;
    struct buf *outbox;
};

/* An alert that goes to somebody: "alert.fired". */
void notices_alert(
    const struct notices *notices, const struct case_state *state, const struct firing *firing);
/* An event of kind acknowledged that was taken: "alert.acknowledged". */
void notices_acknowledged(
    const struct notices *notices, const struct case_state *state, const struct event *event);
/*
 * From the memory before the step to the state after it: runs that are missed now and were not
 * ("clock.missed"), and overdue ones that have ended (all-clear). A miss may be told again by a
 * later step, under the same id. ERR_* of folding.
 */
enum err notices_change(
    const struct notices *notices,
    const struct case_memory *before,
    const struct case_state *state) ERR_MUST_USE;

#endif
