/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What counting a duration did, written down by the code that counts (private to rules/): in
 * leaps, as it makes them. rules/explain.c shows each leap day by day. A trace costs nothing
 * where none is given.
 */
#ifndef NRT_RULES_COUNT_TRACE_H
#define NRT_RULES_COUNT_TRACE_H

#include "rules/calendar.h"

enum count_step_kind {
    COUNT_LATE,         /* the start came late on `from`: the working date `to` takes its place */
    COUNT_START,        /* `from` is the date that is not counted itself */
    COUNT_DATES,        /* dates from..to: `before` were counted ahead of them, `after` with them */
    COUNT_PAUSED_DATES, /* dates from..to, not counted */
    COUNT_ROLL,         /* dates from..to: the last of them is the one due moves to */
    COUNT_TIME,         /* [begin, end): milliseconds counted before and after */
    COUNT_PAUSED_TIME,  /* [begin, end), not counted */
    COUNT_OCCURRENCE,   /* listed for `from`, falls on `to` at `begin`; `end`: of its pause, or 0 */
    COUNT_STEP_KIND_COUNT
};

struct count_step {
    enum count_step_kind kind;
    struct civil_day from; /* both included */
    struct civil_day to;
    struct wall_ms begin;
    struct wall_ms end;
    int64_t before;
    int64_t after;
};

struct count_trace {
    struct arena *arena;
    struct count_step *steps;
    size_t step_count;
    size_t step_capacity;
    bool out_of_memory;
};

/* `trace` may be NULL. When memory is out the trace says so and stays as it is. */
void count_trace_add(struct count_trace *trace, struct count_step step);

#endif
