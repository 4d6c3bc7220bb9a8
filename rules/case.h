/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pure core: a case's memory (events and fired occurrences) folds into its state, and state
 * and rules plan what fires when. No clock, socket, file, JSON or global. Preview, simulation,
 * explanation, replay and the live service all run exactly this.
 */
#ifndef NRT_RULES_CASE_H
#define NRT_RULES_CASE_H

#include "base/arena.h"
#include "rules/ruleset.h"

enum alert_status {
    ALERT_FIRED,
    ALERT_SUPERSEDED,
    ALERT_SUPPRESSED,
    ALERT_SKIPPED,
    ALERT_OVERTAKEN, /* live only */
    ALERT_COLLAPSED, /* a missed occurrence of a repeat: remembered, never shown */
    ALERT_STATUS_COUNT
};
const char *alert_status_name(enum alert_status status);

/* An occurrence that has fired: known by (clock, run, stage, instant). */
struct fired {
    struct text clock;
    int32_t run;
    struct text stage;
    struct wall_ms instant;
    struct wall_ms fired_at;
    enum alert_status status;
    const struct text *to; /* person ids, ascending */
    size_t to_count;
};

/* All that is remembered of a case: a set union, so that two memories can be merged. */
struct case_memory {
    struct text id;
    struct wall_ms first_arrived; /* 0: nothing has */
    const struct event *events;   /* ordered by event_compare, one per (source, id) */
    size_t event_count;
    const struct fired *fired; /* ordered by (clock, run, stage, instant) */
    size_t fired_count;
    size_t event_capacity; /* room of arrays that memory_add_* allocated; 0: not theirs */
    size_t fired_capacity;
};

enum memory_add { MEMORY_ADDED, MEMORY_REPEATED, MEMORY_FULL, MEMORY_NO_ROOM };
#define CASE_EVENTS_MAX 512
/*
 * Add an event to the memory (arrays are copied into the arena; texts are kept by pointer). Of two
 * with one (source, id) the first to arrive stays (MEMORY_REPEATED). Beyond CASE_EVENTS_MAX only
 * kinds that stop, close or replan are taken (MEMORY_FULL otherwise). MEMORY_NO_ROOM: no memory.
 * Ledger-only kinds are the caller's business (see event_kind_is_ledger_only and
 * policy_names_kind).
 */
enum memory_add memory_add_event(
    struct case_memory *memory,
    struct arena *arena,
    const struct event *event,
    const struct policy *policy);
/*
 * Every event of a case counts for its first arrival (what `backfill` is measured from), those
 * that only the ledger keeps too: call this for events that are not added, and with the
 * first_arrived of a memory that is joined to this one. 0, as of an empty memory, is none.
 */
void memory_note_arrival(struct case_memory *memory, struct wall_ms arrived);

/* Order of (clock, run, stage, instant). */
int fired_compare(const struct fired *a, const struct fired *b);
/* Join fired occurrences; those already there stay as they are. False when memory is out. */
bool memory_add_fired(
    struct case_memory *memory, struct arena *arena, const struct fired *fired, size_t fired_count);

enum run_outcome {
    RUN_RUNNING,
    RUN_PAUSED,
    RUN_MET,
    RUN_MISSED,
    RUN_CANCELLED,
    RUN_REPLACED,
    RUN_OUTCOME_COUNT
};
const char *run_outcome_name(enum run_outcome outcome);

/* Why an extension had no effect on a run (semantics section 4). */
enum extension_refusal {
    EXTENSION_ACCEPTED,
    EXTENSION_TOO_LATE,
    EXTENSION_USED_UP,
    EXTENSION_NOT_APPROVED,
    EXTENSION_WITHOUT_REASON,
    EXTENSION_UNUSABLE, /* another unit than the limit's, or due is fixed already */
    EXTENSION_REFUSAL_COUNT
};

enum appeal { APPEAL_NONE, APPEAL_OPEN, APPEAL_GRANTED, APPEAL_REJECTED, APPEAL_COUNT };
const char *appeal_name(enum appeal appeal); /* "none", "open", "granted", "rejected" */

struct run {
    struct text clock;   /* the clock's id; with per_co_unit "id@unit" */
    struct text co_unit; /* whose it is; empty: of the unit that holds the case */
    const struct clock_rule *rule;
    const struct policy *policy; /* it goes by: in force at its start, or since a replan */
    int32_t number;              /* from 1 per clock */
    struct wall_ms start;
    bool has_due;
    struct wall_ms due;
    bool provisional;
    enum run_outcome outcome; /* as of now */
    bool has_stopped;
    struct wall_ms stopped;
    enum light light; /* live colour as of now */
    bool pausing;     /* a pause is open and concerns this run */
    int32_t extension_count;
    struct text unit_at_due; /* who held the case at due, or when the run was met; else now */
    struct text handler_at_due;
    bool waived; /* the miss stands in history and does not count */
    enum appeal appeal;
    bool caused_by_rule_change;     /* missed, but not by the rules before the replan */
    const struct text *waiting_for; /* host's run: units whose clocks still run, ascending */
    size_t waiting_count;
    const void *internal; /* fold's own: plan reads it */
};

enum case_phase {
    CASE_UNKNOWN,
    CASE_OPEN,
    CASE_SUSPENDED,
    CASE_COMPLETED,
    CASE_WITHDRAWN,
    CASE_PHASE_COUNT
};
const char *case_phase_name(enum case_phase phase); /* "unknown" (no received yet), "open" ... */

struct case_state {
    struct text id;
    struct text title;
    struct text matter;
    struct text unit;
    struct text handler;
    struct text from_unit;
    struct text number;
    enum case_phase phase;
    enum light light; /* the worst of its running clocks; of missed ones while unsettled: red */
    struct wall_ms created;             /* time of the first received, 0 when none */
    struct wall_ms updated;             /* time of the last event */
    const struct attribute *attributes; /* merged received data and transfers, ascending by path */
    size_t attribute_count;
    const struct run *runs; /* ordered by (clock id, run) */
    size_t run_count;
    bool directory_fault; /* unknown unit, handler or matter */
    bool objected;        /* "not ours" is open: nobody has ruled on it yet */
    struct wall_ms objected_at;
    struct text objected_by;
    const struct case_memory *memory; /* what it was folded from */
};

/*
 * Fold: the state of a case as of `now`, from the set of its events alone. The result lives in
 * the arena and points into memory and rulebook. ERR_NO_MEMORY, or ERR_RANGE with why when an
 * instant cannot be computed (the run is then left without due and reported).
 */
enum err case_fold(
    const struct case_memory *memory,
    const struct rulebook *rulebook,
    struct wall_ms now,
    struct arena *arena,
    const struct case_state **ret_state) ERR_MUST_USE;

/* One alert that plan wants to fire now. */
struct firing {
    const struct run *run;
    const struct stage *stage;
    struct fired fired; /* as it is to be remembered */
    bool directory_fault;
    int32_t ordinal; /* which occurrence of the stage within the run, from 1 */
};

struct case_plan {
    const struct firing *firings; /* in the order of semantics section 7; COLLAPSED ones included */
    size_t firing_count;
    bool has_next;
    struct wall_ms next; /* the next instant at which anything changes (stage, due, light) */
};

/*
 * Plan: what fires at `now`, and when to wake next if those have fired. `now` is the one
 * given to case_fold. Occurrences already in memory->fired do not fire again.
 */
enum err case_plan(
    const struct case_state *state,
    const struct case_memory *memory,
    const struct rulebook *rulebook,
    struct wall_ms now,
    struct arena *arena,
    struct case_plan *ret_plan) ERR_MUST_USE;

/* May a message of this occurrence still go out? What "dropped: settled" asks (semantics section
 * 8). */
enum still_wanted { WANTED, NOT_WANTED_SETTLED, NOT_WANTED_PERSON, NOT_WANTED_OVERTAKEN };
struct wanted_question {
    struct text clock;
    int32_t run;
    struct text stage;
    struct wall_ms instant;
    struct text person; /* empty: a group, only the run is asked */
};
enum still_wanted case_still_wanted(
    const struct case_state *state,
    const struct rulebook *rulebook,
    const struct wanted_question *question,
    struct arena *arena);

#endif
