/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rules and random lives of a case, for laws that hold for every one of them.
 */
#ifndef NRT_TESTS_SUPPORT_RULE_WORLD_RANDOM_H
#define NRT_TESTS_SUPPORT_RULE_WORLD_RANDOM_H

#include "base/prng.h"
#include "tests/support/rule_world.h"

/* One to four clocks with one to four stages each, of a world that has none yet. */
void world_randomize(struct rule_world *world, struct prng *prng);

/*
 * Turns some of its clocks into ones that recur, run for each co-handling unit, run again, or pause
 * only for listed reasons; some of its stages wait for an acknowledgement.
 */
void world_enrich(struct rule_world *world, struct prng *prng);

/* Days off, make-up days and closures, few or many, in the weeks of the events and after. */
void world_randomize_calendar(struct rule_world *world, struct prng *prng);

#define WORLD_EVENTS_MAX 40
struct world_events {
    struct event events[WORLD_EVENTS_MAX];
    size_t count;
};
/* 8 to 20 events of one case in March 2026; some arrive late, some twice. */
struct world_events world_random_events(struct rule_world *world, struct prng *prng);
/* The same with what an enriched world knows, and replans to version 2 ("r1") taken back or not. */
struct world_events world_rich_events(struct rule_world *world, struct prng *prng);

#endif
