/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a due is what it is, line by line (semantics section 10). The lines are made from what the
 * computing code noted while it computed (rules/count_trace.h), never by a second computation;
 * the last line is the due itself. Pure data: words for people are made in config/explain_text.h.
 */
#ifndef NRT_RULES_EXPLAIN_H
#define NRT_RULES_EXPLAIN_H

#include "rules/case.h"

enum explain_step {
    EXPLAIN_STARTED,       /* at: where a count of time begins */
    EXPLAIN_START,         /* the date of the start: not counted itself */
    EXPLAIN_LATE,          /* the date of a start that came too late */
    EXPLAIN_START_MOVED,   /* the working date that takes its place: not counted itself */
    EXPLAIN_COUNTED,       /* a date: n of `of` */
    EXPLAIN_LEFT_OUT,      /* a date that is not countable; day_kind says why */
    EXPLAIN_PAUSED,        /* a paused date */
    EXPLAIN_PASSED,        /* the last counted date is no working date, and neither is this one */
    EXPLAIN_ROLLED,        /* the working date that due moves to */
    EXPLAIN_TIME_COUNTED,  /* [at, until): n of `of` milliseconds at its end */
    EXPLAIN_TIME_LEFT_OUT, /* [at, until): a working date, but outside its office hours */
    EXPLAIN_TIME_PAUSED,   /* [at, until) */
    EXPLAIN_PAUSE_OPEN,    /* paused since at, and not resumed */
    EXPLAIN_PAUSE_MAX,     /* at: the pause ended because no more is allowed */
    EXPLAIN_GAP,           /* ended at `at`, reopened at `until`: not counted */
    EXPLAIN_EXTENDED,      /* at: extended by `extension`, or until `until` where that is set */
    EXPLAIN_REFUSED,       /* at: an extension without effect; `refusal` says why */
    EXPLAIN_REPLANNED,     /* at: from then on by version `n` of the rules */
    EXPLAIN_RECURS,        /* a date: the clock recurs on it; `rule` says when */
    EXPLAIN_FIXED,         /* at: due is an instant that was given, not counted */
    EXPLAIN_MOVED_OUT,     /* at: the count ends in a pause; due is the end of that pause */
    EXPLAIN_PROVISIONAL,   /* a year without an official notice was needed */
    EXPLAIN_NO_DUE,        /* a pause is open, or there is no such date */
    EXPLAIN_DUE,           /* at */
    EXPLAIN_STEP_COUNT
};
/* "counted": the word in JSON. */
const char *explain_step_name(enum explain_step step);
const char *extension_refusal_name(enum extension_refusal refusal);

struct explain_line {
    enum explain_step step;
    bool has_day;
    struct civil_day day;
    enum day_kind day_kind; /* when has_day */
    int64_t n;
    int64_t of;
    struct wall_ms at;
    struct wall_ms until;      /* 0: none */
    struct text reason;        /* of a closure, pause, extension, reopening */
    struct text by;            /* who approved: a person's id, or as it was given */
    struct text by_name;       /* the directory's name, else as `by` */
    struct duration extension; /* amount 0: none */
    enum extension_refusal refusal;
    const struct clock_rule *rule; /* EXPLAIN_RECURS */
};

struct explanation {
    const struct clock_rule *rule; /* NULL: of a bare duration */
    struct text clock;             /* the run's, as in struct run */
    int32_t run;
    enum run_outcome outcome;
    const struct calendar *calendar;
    struct wall_ms start;
    struct duration limit; /* with extensions; amount 0 where the case brings its due */
    bool has_due;
    struct wall_ms due;
    bool provisional;
    const struct explain_line *lines; /* the last is EXPLAIN_DUE or EXPLAIN_NO_DUE */
    size_t line_count;
};

/* Longer counts are not told line by line. */
#define EXPLAIN_LINES_MAX 60000

/*
 * What duration_after() would give, and why; lives in the arena. ERR_RANGE as there,
 * ERR_NO_MEMORY, ERR_FULL beyond the maximum.
 */
struct duration_question {
    const struct calendar *calendar;
    struct wall_ms start;
    struct duration duration;
    const struct count_options *options;
};
enum err explain_duration(
    const struct duration_question *question,
    struct arena *arena,
    struct explanation *ret_explanation) ERR_MUST_USE;

/* The runs of a case as of `now`: of that clock, or of all where it is empty. */
struct explain_question {
    const struct case_memory *memory;
    const struct rulebook *rulebook;
    struct wall_ms now;
    struct text clock; /* "id" of a clock per co-handling unit: those of all units */
};
/*
 * By a fold of the same code that computes dues in the service; in the order of the runs. Lives in
 * the arena. ERR_NO_MEMORY, ERR_FULL.
 */
enum err explain_case(
    const struct explain_question *question,
    struct arena *arena,
    const struct explanation **ret_explanations,
    size_t *ret_count) ERR_MUST_USE;

#endif
