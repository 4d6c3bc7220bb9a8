/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulation with ideal time (semantics.md section 7): every event arrives at its `arrived`,
 * everything due fires at its instant. Pure: events are handed in in any order, results come
 * out sorted by the caller's sort rules. Cases are kept packed (rules/record.h), so memory stays
 * near 1 KiB a case.
 */
#ifndef NRT_RULES_SIMULATE_H
#define NRT_RULES_SIMULATE_H

#include "rules/case.h"

struct simulation;

/* rulebook is kept by pointer. NULL when memory is out. */
struct simulation *simulation_create(const struct rulebook *rulebook);
void simulation_free(struct simulation *simulation);
/* Take one event in file order (the order breaks ties of arrival); copies what it needs. */
enum err simulation_add(struct simulation *simulation, const struct event *event) ERR_MUST_USE;
/* Arrival of the last event so far: the default of --until. */
struct wall_ms simulation_last_arrival(const struct simulation *simulation);

typedef enum err simulation_write_fn(
    void *context, struct text line); /* one NDJSON line with its newline */
/*
 * Run to `until` (included) and write alerts, then clocks, in the order and form of the
 * simulation contract. ERR_* of the writer or ERR_NO_MEMORY.
 */
enum err simulation_run(
    struct simulation *simulation, struct wall_ms until, simulation_write_fn *write, void *context)
    ERR_MUST_USE;

#endif
