/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version of the rules somebody must know to compute a case: "an old or a new version, never
 * a mixture" holds across processes only if who is behind waits.
 */
#ifndef NRT_RULES_NEEDED_H
#define NRT_RULES_NEEDED_H

#include "rules/case.h"

/* The newest version the event speaks of: in force when it arrived, or named by a replan. */
int64_t event_version_needed(const struct event *event);
/* The newest version any event of the case speaks of; 0 when there is none. */
int64_t memory_version_needed(const struct case_memory *memory);

#endif
