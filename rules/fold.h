/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of fold (private to rules/): a run while events are applied to it, and what plan
 * reads from it afterwards. fold.c applies events to the case, fold_run.c does things to one
 * run, fold_end.c makes the public state.
 */
#ifndef NRT_RULES_FOLD_H
#define NRT_RULES_FOLD_H

#include "rules/case.h"
#include "rules/count_trace.h"
#include "rules/match.h"

struct stage_instant {
    bool known; /* false: rests on a due that is not known, or out of range */
    struct wall_ms at;
};

/* What else than days made a due what it is; only kept where an explanation is asked for. */
enum run_note_kind {
    NOTE_PAUSED,    /* a pause began to concern the run at `at` */
    NOTE_GAP,       /* it had ended at `at` and was reopened at `until` */
    NOTE_PAUSE_MAX, /* pause_max ended the pause at `at` */
    NOTE_EXTENDED,
    NOTE_REFUSED,   /* an extension without effect */
    NOTE_REPLANNED, /* it goes by other rules from `at` on */
    RUN_NOTE_COUNT
};

struct run_note {
    enum run_note_kind kind;
    enum extension_refusal refusal;
    struct wall_ms at;
    struct wall_ms until;
    const struct event *event; /* NULL: none in particular */
    struct run_note *next;     /* in the order of the events */
};

struct run_trace {
    struct arena *arena;
    struct count_trace count; /* of the last computation of due */
    struct run_note *first;
    struct run_note *last;
    bool moved_out;         /* due lay in a pause and is its end */
    struct wall_ms counted; /* what it was before */
    bool out_of_memory;
};

struct fold_run {
    const struct clock_rule *rule;
    struct text clock;   /* the rule's id, "id@unit" of a co-handling unit */
    struct text co_unit; /* whose it is; empty: of whoever holds the case */
    const struct policy *policy;
    const struct calendar *calendar;
    struct wall_ms start;
    int32_t number;

    int32_t extension_count;
    struct wall_ms extended_at; /* time of the last accepted extension; 0: none */
    struct duration limit;      /* with the accepted `by` */
    struct wall_ms fixed_due;   /* when fixed */
    struct wall_ms brought_due; /* of a limit from the case, for the next run */
    struct wall_ms due;         /* when has_due */

    struct interval *pauses; /* ascending, disjoint; pauses and gaps alike */
    size_t pause_count;
    size_t pause_capacity;
    struct wall_ms paused_from; /* when the open pause began for this run */
    struct wall_ms pause_cap;   /* when pause_max ends the open pause; WALL_MS_MAX: never */
    int64_t paused_amount;      /* of closed pauses, in the unit of pause_max */

    struct wall_ms stopped; /* when ended */
    size_t started_by;      /* index of the event */
    size_t ended_by;
    struct text unit_at_due; /* when missed or met */
    struct text handler_at_due;
    struct stage_instant *stages;        /* of a run that is not ended, as of now */
    struct run_trace *trace;             /* NULL in normal runs */
    const struct clock_rule *first_rule; /* it started with; another one since a replan */
    struct interval *gaps;               /* in which it had ended */
    size_t gap_count;
    struct wall_ms fixed_at;    /* when an `until` was accepted; 0: never */
    struct wall_ms quiet_until; /* what is not later does not ring again; 0: no replan */
    struct wall_ms recur_from;  /* of a replan: earlier occurrences do not count; 0: none */
    struct wall_ms cause_ends;  /* when the rule change ceases to be why it was missed; 0: never */
    struct wall_ms acked; /* the first acknowledgement, where a stage counts from it; 0: none */
    int32_t followed;     /* how many of its clock's runs began by themselves */
    enum appeal appeal;
    const struct text *waiting_for;
    size_t waiting_count;

    enum run_outcome end_outcome; /* when ended and not missed */
    bool fixed;                   /* due comes from the case or from an `until` */
    bool pausing;                 /* the last of the pauses is open */
    bool pauses_used_up;          /* pause_max is spent */
    bool due_computed;            /* has_due, due and provisional are up to date */
    bool has_due;
    bool provisional;
    bool missed;
    bool ended;
    bool follows; /* recurring: the next run begins at its due */
    bool waived;
    bool caused_by_rule_change;
};

struct fold_pauses; /* fold_replan.c */

/* The calendar of a run that has ended, found by a first fold. */
struct settled_run {
    struct text clock;
    int32_t number;
    const struct calendar *calendar;
};

struct fold {
    const struct case_memory *memory;
    const struct rulebook *rulebook;
    const struct policy *newest;
    struct arena *arena;
    struct case_state *state;
    struct fold_run **runs; /* in the order of their starts */
    size_t run_count;
    size_t run_capacity;
    size_t co_run_count;          /* of them, those of co-handling units */
    struct attribute *attributes; /* ascending by path */
    size_t attribute_count;
    size_t attribute_capacity;
    bool closed;
    bool withdrawn;
    bool suspended; /* the case's pause is open */
    bool traced;    /* runs keep what an explanation needs */
    const struct event *suspended_by;
    const struct event *applied; /* the event in hand */
    bool out_of_memory;
    const struct fold_pauses *pauses; /* what a replan has asked for; NULL: none did */
    const struct settled_run *settled;
    size_t settled_count;
};

/*
 * Apply all events and bring the runs to `now`. The caller has set memory, rulebook, newest and
 * arena. ERR_NO_MEMORY.
 */
enum err fold_events(struct fold *fold, struct wall_ms now) ERR_MUST_USE;

/* ---- fold_settled.c ---- */

/* True: `fold` was given the calendars of the runs that have ended in `counted`; fold it anew. */
bool fold_settle(struct fold *fold, const struct fold *counted);
/* What a run counts by: the newest, unless it has ended. */
const struct calendar *fold_calendar_of(const struct fold *fold, struct text clock, int32_t number);

/* ---- fold.c ---- */

struct run_start;
/* Runs are brought to `now`; a recurring one whose due is before `until` is followed by the next.
 */
void fold_pass_time(struct fold *fold, struct wall_ms now, struct wall_ms until);
/* False when memory is out. */
bool fold_add_run(struct fold *fold, const struct run_start *start);

/* ---- fold_run.c: one run ---- */

/* What starts a run: the event, and for a limit from the case the due it brings. */
struct run_start {
    const struct policy *policy;
    const struct clock_rule *rule;
    struct text clock; /* empty: named as its rule */
    struct text co_unit;
    struct wall_ms at;
    struct wall_ms brought_due;
    int32_t number;
    int32_t followed; /* as in struct fold_run */
    size_t event_index;
};
struct fold_run *run_create(struct fold *fold, const struct run_start *start);
/* Passes time up to (not including) `now`: pauses that have reached their maximum, dues. */
void run_advance(struct fold *fold, struct fold_run *run, struct wall_ms now);
void run_pause(struct fold *fold, struct fold_run *run, struct wall_ms at);
void run_resume(struct fold_run *run, struct wall_ms at);
void run_end(struct fold_run *run, struct wall_ms at, enum run_outcome outcome, size_t event_index);
void run_continue(struct fold *fold, struct fold_run *run, struct wall_ms at);
void run_extend(struct fold_run *run, const struct event *event);
/* Brings has_due and due up to date. */
void run_compute_due(struct fold_run *run);
/* Whose the run is, as the case is held now: where it is missed or met. */
void run_note_holder(const struct fold *fold, struct fold_run *run);
/* Tell the trace, where there is one. */
void run_tell(struct fold_run *run, struct run_note note);
/* It had ended, and was taken up again. False when memory is out. */
bool run_add_gap(struct fold *fold, struct fold_run *run, struct wall_ms from, struct wall_ms to);

/* ---- fold_replan.c: other rules for a run that runs (semantics section 4, Replan) ---- */

/* A gap of a run stays one when the run is counted anew. */
void replan_note_gap(
    struct fold *fold, struct fold_run *run, struct wall_ms from, struct wall_ms to);
void replan_case(struct fold *fold, size_t index);
/* Would the run not be missed by the rules it started with? */
void replan_find_cause(struct fold *fold, struct fold_run *run, struct wall_ms now);

/* ---- fold_misses.c: misses that do not count, and cases that somebody says are not theirs ---- */

void judge_miss(struct fold *fold, const struct event *event);
void object_case(struct fold *fold, const struct event *event);
void settle_objection(struct fold *fold);
/* The first acknowledgement of the run's clock since its start; 0: none. */
struct wall_ms first_acknowledged(const struct fold *fold, const struct fold_run *run);

/* ---- recur.c: runs that follow each other by themselves ---- */

#define RECUR_RUNS_MAX 1000

/* The due of a recurring run: the first occurrence that lies in no pause of it. */
bool recur_due(struct fold_run *run, struct counted *ret_counted);
/* The run whose due lies before `until` gets the one that follows. */
void recur_follow(struct fold *fold, struct fold_run *run, struct wall_ms until);

/* ---- fold_units.c: clocks of co-handling units ---- */

/* At most so many units of a case get runs of one clock. */
#define CO_UNITS_MAX 100

/* One after the other the units of a list joined by ','; false at its end. */
bool co_unit_next(struct text *rest, struct text *ret_unit);
/* "id@unit", in the arena; .ptr NULL when memory is out. */
struct text co_clock_name(struct arena *arena, const struct clock_rule *rule, struct text unit);
/* May this event, if it is a stop of the run's clock, stop that run? */
bool event_reaches_run(
    const struct fold *fold, const struct event *event, const struct fold_run *run);
/* Tell the open runs of the host whom they wait for. False when memory is out. */
bool fold_note_waiting(struct fold *fold);
/* Whose a run is now: unit and handler, as roles need them. */
struct role_subject run_subject(
    const struct case_state *state, const struct directory *directory, struct text co_unit);

/* ---- fold_end.c ---- */

enum err fold_finish(struct fold *fold, struct wall_ms now);

/* ---- stage.c ---- */

/* When a stage of a run falls due by itself, its first occurrence where it repeats. */
struct stage_instant stage_instant_of(const struct fold_run *run, const struct stage *stage);
/* Is its instant bound to the limit, so that an extension arms it again? */
bool stage_is_tied(const struct stage *stage);

/* The occurrences of a repeat in their order, those inside pauses left out. */
struct occurrence_walk {
    const struct fold_run *run;
    const struct stage *stage;
    struct wall_ms base;
    struct civil_day day; /* fixed times: the day looked at */
    int64_t last_ms;      /* the last occurrence given */
    int64_t step;         /* every: the next one's number */
    int64_t given_count;
};
/* Occurrences long before `now` are left out where the repeat has no maximum. */
void occurrence_begin(
    struct occurrence_walk *walk,
    const struct fold_run *run,
    const struct stage *stage,
    struct wall_ms base,
    struct wall_ms now);
bool occurrence_next(struct occurrence_walk *walk, struct wall_ms *ret_at);

/* ---- memory.c ---- */

/* What has fired of one stage of one run, ascending by instant. */
struct fired_list {
    const struct fired *first;
    size_t count;
};
struct fired_list memory_fired_of(
    const struct case_memory *memory, struct text clock, int32_t run, struct text stage);

#endif
