/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actors that several simulations have in common, and how they are fed a recorded history.
 */
#ifndef NRT_TESTS_SUPPORT_SIM_ROLES_H
#define NRT_TESTS_SUPPORT_SIM_ROLES_H

#include "tests/support/history.h"
#include "tests/support/sim_world.h"

/* The monitor as it is. */
extern const struct sim_role sim_monitor;
/* Stands where the notifier does: takes what monitors put out, and acknowledges it. */
extern const struct sim_role sim_sink;

/* Feed the history by arrival, events of one instant together, and step to its end. */
bool sim_replay(struct sim_world *world, const struct history *history);

#endif
