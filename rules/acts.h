/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acts of oversight that send: `urged` and `supervised` (docs/semantics.md section 7). An act is
 * told as a firing of a clock that no rule set can name, so that alerts, outbox and mailboxes treat
 * it like any other. Not part of fold or plan: an act has no instant to wait for.
 */
#ifndef NRT_RULES_ACTS_H
#define NRT_RULES_ACTS_H

#include "rules/case.h"

/* "act:urged", "act:supervised": ':' is not allowed in the id of a clock. */
bool act_is_clock(struct text clock);

struct act_question {
    const struct case_state *state;
    const struct event *event;
    const struct rulebook *rulebook;
    struct wall_ms now;
};

/*
 * What the event calls for in this case at `now`: ret_sends is false when it is no act, no rule
 * set says anything about it, the case is not open, or the event is older than `backfill`. The
 * firing points into state, event and arena; its stage is the event's "source#id", so that the
 * same event is the same alert. ERR_NO_MEMORY.
 */
enum err act_firing(
    const struct act_question *question,
    struct arena *arena,
    bool *ret_sends,
    struct firing *ret_firing) ERR_MUST_USE;

#endif
