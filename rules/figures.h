/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The figures and the accountability list (docs/semantics.md section 9), counted here and nowhere
 * else. Fed row by row, in any order, with runs, cases and ratings; answers sums per family, unit
 * and month, and the entries of accountability policies with their evidence. All memory is the
 * caller's arena: a row for each sum, and one for each miss that counts.
 */
#ifndef NRT_RULES_FIGURES_H
#define NRT_RULES_FIGURES_H

#include "rules/case.h"

struct figures;

/* Lives in the arena, keeps the calendar by pointer. NULL when memory is out. */
struct figures *figures_create(struct arena *arena, const struct calendar *calendar);

/* ---- what is counted; texts are copied ---- */

struct figure_run {
    struct text case_id;
    struct text clock;   /* with per_co_unit "id@unit" */
    struct text family;  /* the plain one, also of a clock per co-handling unit */
    struct text unit;    /* who held the case at due; of a clock per co-handling unit, that unit */
    struct text handler; /* likewise */
    int32_t run;
    enum run_outcome outcome;
    bool has_due;
    bool has_stopped;
    bool waived;
    bool caused_by_rule_change;
    struct wall_ms due;
    struct wall_ms stopped;
};

struct figure_case {
    struct text unit;         /* who holds it now */
    struct wall_ms received;  /* the first received; 0: none */
    struct wall_ms completed; /* the last completed; 0: none */
    bool is_accepted;
    bool is_completed; /* and not open again */
    bool is_withdrawn;
    bool was_sent_back; /* returned or reopened, once or more */
};

struct figure_rating {
    struct text unit;
    struct wall_ms at;
    int32_t score; /* 1 to 5; others are no ratings */
};

/* ERR_NO_MEMORY; what was counted before stays counted. */
enum err figures_add_run(struct figures *figures, const struct figure_run *run) ERR_MUST_USE;
enum err figures_add_case(struct figures *figures, const struct figure_case *of) ERR_MUST_USE;
enum err figures_add_rating(struct figures *figures, const struct figure_rating *rating)
    ERR_MUST_USE;

/* A folded case with all of that: `events` are those that have arrived, for its ratings, which the
 * fold does not keep. Repeated ones (source, id) count once. */
enum err figures_add_state(
    struct figures *figures,
    const struct case_state *state,
    const struct event *events,
    size_t event_count) ERR_MUST_USE;
/* What a folded case says of itself; its ratings are not in it. */
struct figure_case figure_case_of(const struct case_state *state);
/* Office time from the first received to the last completed; false when one of them is missing. */
bool figure_handling(
    const struct calendar *calendar, const struct figure_case *of, int64_t *ret_seconds);

/* ---- what it came to ---- */

/* A sum over one family (or over cases), one unit or all, one month or all. */
struct figure_row {
    struct text family; /* empty: of cases and ratings */
    struct text unit;   /* empty: all of them */
    int32_t month;      /* 201904; 0: all of them */
    int64_t met;
    int64_t missed; /* those that count */
    int64_t received;
    int64_t accepted;
    int64_t completed;
    int64_t ratings;
    int64_t satisfied; /* 4 or 5 */
    int64_t handled;   /* cases with a handling time */
    int64_t handled_s; /* their office time in all */
    int64_t resolved;  /* of the handled ones: completed, and never sent back */
};

/*
 * A share in parts of ten thousand, rounded half up: 804 of 828 is 9710. False when there is
 * nothing to divide by: that is no rate, which is not the same as 0.
 */
bool figure_share(int64_t part, int64_t whole, int32_t *ret_share);
/* 1 - limit / statutory limit, likewise; false unless both are there in the same unit. */
bool figure_compression(const struct clock_rule *rule, int32_t *ret_share);
/*
 * The least of the clocks whose rule fits a case of this matter of which nothing else is known;
 * false when there is none.
 */
bool figure_matter_compression(const struct policy *policy, struct text matter, int32_t *ret_share);
/* Do the rule sets list this family to be shown? A set that lists none shows all of its own. */
bool figure_is_shown(const struct policy *policy, struct text family);

/* All rows by (family, unit, month), sums over all units or months first. In the arena. */
enum err figures_rows(
    struct figures *figures,
    const struct figure_row *const **ret_rows,
    size_t *ret_count) ERR_MUST_USE;

/* An entry ends with an outcome (interviewed, excused): what comes later is counted anew. */
struct figure_closing {
    struct text policy;
    struct text who;
    struct wall_ms at;
};

struct figure_entry {
    const struct accountability *policy;
    struct text who;       /* a unit, or a person where the policy goes by person */
    struct wall_ms opened; /* due of the miss that opened it */
    const struct figure_run *const *evidence; /* by due */
    size_t evidence_count;
};

struct figure_entries {
    const struct figure_entry *items; /* by (who, opened) */
    size_t count;
};

/* In the arena; closings of other policies are passed over. ERR_NO_MEMORY. */
enum err figures_entries(
    struct figures *figures,
    const struct accountability *policy,
    const struct figure_closing *closings,
    size_t closing_count,
    struct figure_entries *ret_entries) ERR_MUST_USE;

#endif
