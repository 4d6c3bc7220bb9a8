/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small world for tests of rules/: a calendar in a zone made from its switching rule, a
 * directory of four units, clocks and events written in a line each. Wrong words in a test stop
 * the program with the place.
 */
#ifndef NRT_TESTS_SUPPORT_RULE_WORLD_H
#define NRT_TESTS_SUPPORT_RULE_WORLD_H

#include "rules/case.h"

enum world_zone {
    WORLD_SHANGHAI, /* +08:00 all the year */
    WORLD_BERLIN,   /* last Sundays of March and October at 01:00Z */
    WORLD_NEW_YORK, /* second Sunday of March at 02:00, first of November at 02:00 */
    WORLD_KOLKATA,  /* +05:30 */
    WORLD_LORD_HOWE /* +10:30, +11:00 in summer */
};

/* Instants from 2010 to 2040 are right in every zone. */
struct zone world_zone(struct arena *arena, enum world_zone zone);

#define WORLD_CLOCKS_MAX 8
#define WORLD_STAGES_MAX 8

struct rule_world {
    struct arena arena;
    struct calendar_spec spec;
    struct ruleset set;
    struct clock_rule clocks[WORLD_CLOCKS_MAX];
    struct stage stages[WORLD_CLOCKS_MAX][WORLD_STAGES_MAX];
    struct policy policy;
    const struct policy *policies[2]; /* the second is the test's own to add */
    struct rulebook rulebook;
    struct case_memory memory;
    int event_count;
};

/*
 * Monday to Friday, 08:30-12:00 and 14:00-17:30, no holidays. Units gov (head gov-head), d1 below
 * it (d1-head, d1-clerk, handlers d1-a, d1-b), d2 below gov (d2-head, no clerk), ov (oversight:
 * ov-1, ov-2). The calendar is built by the first fold or by world_calendar().
 */
void world_init(struct rule_world *world, enum world_zone zone);
void world_release(struct rule_world *world);
/* Built once; the spec may be changed before. */
const struct calendar *world_calendar(struct rule_world *world);

/* Defaults of the rule file; the caller changes fields afterwards. limit NULL: from "due". */
struct clock_rule *world_clock(struct rule_world *world, const char *id, const char *limit);
/* "5d", "due-2h", "due+0", "80%"; roles with spaces between. */
struct stage *world_stage(
    struct rule_world *world,
    struct clock_rule *clock,
    const char *id_and_at, /* "warn 5d@09:00" */
    enum light light,
    const char *roles);
/* "08:30 12:00 17:30", "working 09:00", or "every 2h"; max 0: none. */
void world_repeat(struct rule_world *world, struct stage *stage, const char *words, int64_t max);

/* An event that arrives as it happens: "received unit=d1 handler=d1-a labels.kind=a". */
struct event world_event(struct rule_world *world, const char *at, const char *words);
void world_add(struct rule_world *world, const char *at, const char *words);
void world_add_event(struct rule_world *world, const struct event *event);

const struct case_state *world_fold(struct rule_world *world, const char *now);
/* Folds, plans and adds the firings to the memory. */
struct case_plan world_fire(struct rule_world *world, const char *now);
/* The run of that clock; NULL when there is none. */
const struct run *world_run(const struct case_state *state, const char *clock, int32_t number);

/* Texts for comparing, in the world's zone; in the world's arena. */
const char *world_text(struct rule_world *world, struct wall_ms at);
/* "met due=... stopped=..." with "-" for null. */
const char *world_outcome(struct rule_world *world, const struct run *run);
/* The alerts among the firings: "warn fired d1-a,d1-head; overdue superseded". */
const char *world_firings(struct rule_world *world, const struct case_plan *plan);

struct wall_ms world_at(const char *rfc3339);
struct duration world_duration(const char *text);

#endif
