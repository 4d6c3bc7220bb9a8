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

/*
 * The versions there were at an instant: those applied by then, the newest last. Before the first
 * one was applied, that one alone: something has to count.
 */
struct rulebook rulebook_at(const struct rulebook *rulebook, struct wall_ms now);

/*
 * rulebook is kept by pointer. With more than one version every event goes by the version that
 * was the newest at its arrival, and each moment knows only the versions applied by then. NULL
 * when memory is out.
 */
struct simulation *simulation_create(const struct rulebook *rulebook);
void simulation_free(struct simulation *simulation);
/* The next run goes by other rules; the events stay. Kept by pointer. */
void simulation_use(struct simulation *simulation, const struct rulebook *rulebook);
/* Take one event in file order (the order breaks ties of arrival); copies what it needs. */
enum err simulation_add(struct simulation *simulation, const struct event *event) ERR_MUST_USE;
/* Arrival of the last event so far: the default of --until. */
struct wall_ms simulation_last_arrival(const struct simulation *simulation);

/*
 * Who is told what happens while a simulation runs, case after case. What is shown lives only
 * inside the call; an error ends the simulation.
 */
struct simulated_case {
    const struct case_state *state; /* as of the end */
    const struct event *events;     /* all that arrived, in that order, repeated ones and those that
                                       only the ledger keeps too */
    size_t event_count;
};
struct simulation_watcher {
    void *context;
    enum err (*on_firing)(
        void *context, const struct case_state *state, const struct firing *firing); /* or NULL */
    enum err (*on_case)(void *context, const struct simulated_case *of);             /* or NULL */
};
/* Kept by pointer; NULL: nobody. */
void simulation_watch(struct simulation *simulation, const struct simulation_watcher *watcher);

typedef enum err simulation_write_fn(
    void *context, struct text line); /* one NDJSON line with its newline */
/*
 * Run to `until` (included) and write alerts, then clocks, in the order and form of the
 * simulation contract; with write NULL nothing is kept for writing. ERR_* of the writer or of the
 * watcher, or ERR_NO_MEMORY.
 */
enum err simulation_run(
    struct simulation *simulation, struct wall_ms until, simulation_write_fn *write, void *context)
    ERR_MUST_USE;

#endif
