/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be known of a policy before anything runs: clocks nobody will ever see, stages in an
 * odd order, roles that come to nobody, a calendar that ends. Pure findings with examples; the
 * words and the places in the files are config/lint.h's. What is proven is an error there, what
 * only looks wrong a warning; nothing is said on suspicion.
 */
#ifndef NRT_RULES_LINT_H
#define NRT_RULES_LINT_H

#include "rules/ruleset.h"

enum lint_code {
    /* of a clock */
    LINT_NEVER_MATCHES,
    LINT_NEVER_STARTS,      /* by events only that close the case */
    LINT_ALWAYS_HIDDEN,     /* other: the clock before it */
    LINT_UNKNOWN_NAME,      /* names[0]: the path, names[1]: the value */
    LINT_START_STOPS,       /* names[0]: the kind */
    LINT_NEVER_MET,         /* only a withdrawal ends it */
    LINT_KEY_IDLE,          /* names[0]: the key that does nothing in this clock */
    LINT_STATUTORY_SHORTER, /* on `days` of `of_days`, with an example */
    LINT_CO_UNIT_NOT_TOLD,
    /* of a stage */
    LINT_RED_BEFORE_DUE,      /* on `days` of `of_days` start days; start, instant, due */
    LINT_YELLOW_AFTER_RED,    /* the same; other: the red stage, due: its instant */
    LINT_STAGES_OUT_OF_ORDER, /* other: the stage before it in the file that is always later */
    LINT_SAME_INSTANT,        /* other: the later stage; index 1: it takes its people */
    LINT_SHARE_IS_DUE,
    LINT_NO_INSTANT,
    LINT_ACKED_UNTOLD,
    LINT_UNLESS_ACKED_IDLE,
    /* of a role, at its first use */
    LINT_ROLE_NOBODY, /* names: units (or matters), name_count of them in all; falls: to whom */
    /* of the calendar */
    LINT_CALENDAR_ENDS, /* days: the last official year; the clock that needs more, start, due */
    LINT_CLOSURE_IDLE,  /* index: in the calendar's list; instant_day */
    LINT_WORKDAY_IDLE,
    LINT_SEASON_IDLE, /* index */
    /* of a rule set */
    LINT_FAMILY_WITHOUT_FIGURE, /* names[0]: the family; index: of the policy */
    LINT_ACT_HIDDEN,            /* index: the act; other_set: the set that decides */
    LINT_CUT_SHORT,             /* the rules are too many to try all; set: where it ended */
    LINT_CODE_COUNT
};

#define LINT_NAMES_MAX 5
#define LINT_NONE      SIZE_MAX

enum lint_place {
    LINT_AT_CLOCK, /* set, clock */
    LINT_AT_STAGE, /* set, clock, stage */
    LINT_AT_STAGE_ROLE,
    LINT_AT_ACCOUNTABILITY, /* set, index */
    LINT_AT_ACCOUNTABILITY_ROLE,
    LINT_AT_ACT, /* set, index: the act */
    LINT_AT_ACT_TO,
    LINT_AT_ACT_COPY,
    LINT_AT_SET,
    LINT_AT_CALENDAR
};

struct lint_finding {
    enum lint_code code;
    enum lint_place place;
    size_t set;
    size_t clock;
    size_t stage;
    size_t index; /* of the accountability policy, the act, the entry of the calendar */
    size_t role;  /* in its list */
    size_t other_set;
    size_t other_clock;
    size_t other_stage;
    int64_t days;
    int64_t of_days;
    struct wall_ms start;
    struct wall_ms instant;
    struct wall_ms due;
    struct text names[LINT_NAMES_MAX];
    size_t name_count; /* may be more than are kept */
    struct text falls[LINT_NAMES_MAX];
    size_t falls_count;
};

struct lint {
    const struct policy *policy;
    struct civil_day today;
    struct arena *arena;
    struct lint_finding *findings;
    size_t finding_count;
    size_t finding_capacity;
    bool **units;      /* of each clock, set by set: [unit_count] that may hold a case; NULL: any */
    int64_t work_left; /* bounds the time that a lint of absurd files takes */
    bool cut_short;
    bool out_of_memory;
};

/* Comparisons and stages tried: a few seconds at most, and several times what a large city needs.
 */
#define LINT_WORK_MAX INT64_C(10000000)

/*
 * All findings, rule set by rule set; they live in the arena. `today` says which days are to come
 * and which two years of start days are tried. ERR_NO_MEMORY.
 */
enum err lint_policy(
    const struct policy *policy, struct civil_day today, struct arena *arena, struct lint *ret_lint)
    ERR_MUST_USE;

/* May that unit, by its index in directory_units(), hold a case of the clock? */
bool lint_may_have_unit(const struct lint *lint, size_t set, size_t clock, size_t unit);

/* ---- the parts (private to rules/lint*.c) ---- */

/* Appends; NULL when memory is out. */
struct lint_finding *lint_add(struct lint *lint, const struct lint_finding *finding);
void lint_add_name(struct lint_finding *finding, struct text name);
void lint_clock_times(struct lint *lint, size_t set, size_t clock);
void lint_roles(struct lint *lint);
void lint_calendar(struct lint *lint);

#endif
