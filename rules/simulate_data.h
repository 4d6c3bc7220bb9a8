/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a simulation (private to rules/simulate*.c): cases with their events packed in
 * the order they were read, and the alerts and clocks that came out of the replay.
 */
#ifndef NRT_RULES_SIMULATE_DATA_H
#define NRT_RULES_SIMULATE_DATA_H

#include "rules/forward.h"
#include "rules/simulate.h"

/* One event as bytes: fixed fields, then lengths and texts. */
struct packed_event {
    struct packed_event *next; /* of the same case, in file order */
    struct wall_ms time;
    struct wall_ms arrived;
    int64_t rules_version;
    enum event_kind kind;
    uint32_t attribute_count;
    /* kind_name, source, id, then path and value of each attribute: uint32_t length, bytes */
    char texts[];
};

struct sim_case {
    struct text id;
    uint64_t hash;
    struct packed_event *first;
    struct packed_event *last;
    size_t event_count;
};

struct sim_alert {
    const struct sim_case *of;
    struct text clock;
    const struct stage *stage;
    int32_t run;
    enum alert_status status;
    struct wall_ms instant;
    struct wall_ms fired_at;
    const struct text *to;
    size_t to_count;
};

struct sim_clock {
    const struct sim_case *of;
    struct text clock;
    int32_t run;
    enum run_outcome outcome;
    bool has_due;
    bool has_stopped;
    struct wall_ms start;
    struct wall_ms due;
    struct wall_ms stopped;
};

struct simulation {
    const struct rulebook *rulebook;
    const struct simulation_watcher *watcher; /* NULL: nobody */
    bool is_written;                          /* alerts and clocks are kept for writing */
    struct arena kept;                        /* events, ids, people: freed at the end */
    struct sim_case **cases;                  /* in the order of their first event */
    size_t case_count;
    size_t case_capacity;
    uint32_t *slots; /* hash table: case index + 1, 0 empty; a power of two */
    size_t slot_count;
    struct wall_ms last_arrival;
    struct sim_alert *alerts;
    size_t alert_count;
    size_t alert_capacity;
    struct sim_clock *clocks;
    size_t clock_count;
    size_t clock_capacity;
};

/* simulate_replay.c: replay one case on its own up to `until`; results join the simulation. */
struct sim_replay {
    struct simulation *simulation;
    struct wall_ms until;
    struct arena lasting; /* this case's memory */
    struct arena passing; /* one fold and plan */
    struct forward forward;
    const struct packed_event **arrivals;
    size_t arrival_capacity;
};
enum err sim_replay_case(struct sim_replay *replay, const struct sim_case *of);

/* simulate_out.c: sort and write. */
enum err sim_write(const struct sim_replay *replay, simulation_write_fn *write, void *context);

#endif
