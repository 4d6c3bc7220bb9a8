/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor role: events become case records with timers (intake), timers become alerts in the
 * outbox (wake), foreign doors lead into the queues (door). Everything it knows stands in
 * the store; it may be killed at any instruction, and any number of them may run.
 */
#ifndef NRT_MONITOR_MONITOR_H
#define NRT_MONITOR_MONITOR_H

#include "store/role.h"

struct monitor;

/* Start working over env (kept by pointer) at once. NULL when memory is out. */
struct monitor *monitor_create(struct role_env *env);
/* Drops what is under way, as a crash would; the store keeps it. Accepts NULL. */
void monitor_free(struct monitor *monitor);

#endif
