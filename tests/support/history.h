/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world from tests/data/worlds: rules, calendar, directory and events, sorted by arrival, and
 * what the pure simulation makes of any part of them.
 */
#ifndef NRT_TESTS_SUPPORT_HISTORY_H
#define NRT_TESTS_SUPPORT_HISTORY_H

#include "config/policy.h"
#include "rules/event.h"
#include "tests/support/tally.h"

#define HISTORY_WORLDS 16

struct history {
    struct arena arena;
    struct bundle *bundle;
    struct event *events; /* by arrival, the file's order within */
    struct text *bodies;  /* JSON of events[i] */
    size_t event_count;
    struct wall_ms until;
};

/* World 1..HISTORY_WORLDS of the source tree (NRT_SOURCE_DIR); aborts when it cannot be read. */
struct history *history_load(int world);
void history_free(struct history *history);
/* What the simulation says of the whole history up to `until`. */
void history_simulate(const struct history *history, struct tally *tally);
/* The same with versions that come into force at their `since`. */
void history_simulate_versions(
    const struct history *history, const struct rulebook *rulebook, struct tally *tally);

#endif
