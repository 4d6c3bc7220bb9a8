/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets as checked data: clocks, stages, repeats, matches. Built by config/, read by fold and
 * plan. Every text points into the owner's arena.
 */
#ifndef NRT_RULES_RULESET_H
#define NRT_RULES_RULESET_H

#include "rules/directory.h"
#include "rules/duration.h"
#include "rules/event.h"

enum light { LIGHT_GREEN, LIGHT_YELLOW, LIGHT_RED, LIGHT_COUNT };
const char *light_name(enum light light); /* "green", "yellow", "red" */

/* One condition on the case's attributes. */
enum match_kind {
    MATCH_ALL,
    MATCH_ANY,
    MATCH_NOT,
    MATCH_EQUAL_ANY_OF,
    MATCH_PREFIX,
    MATCH_KIND_COUNT
};

struct match {
    enum match_kind kind;
    const struct match *children; /* ALL (empty is true), ANY; NOT: exactly one */
    size_t child_count;
    struct text path;          /* EQUAL_ANY_OF, PREFIX: dotted path, "labels.kind" */
    const struct text *values; /* EQUAL_ANY_OF; PREFIX: exactly one. An item that ends in '*' of a
                                  list is a prefix too */
    size_t value_count;
};

enum anchor {
    ANCHOR_START,
    ANCHOR_DUE_BEFORE,
    ANCHOR_DUE_AFTER,
    ANCHOR_SHARE,
    ANCHOR_ACKED, /* "acked+1wd": from the first acknowledgement of the run's clock */
    ANCHOR_COUNT
};

struct stage_at {
    enum anchor anchor;
    struct duration duration; /* all but SHARE (amount 0 for "due+0") */
    int32_t percent;          /* SHARE */
};

enum repeat_kind { REPEAT_NONE, REPEAT_TIMES_OF_DAY, REPEAT_EVERY, REPEAT_KIND_COUNT };

struct repeat {
    enum repeat_kind kind;
    const int32_t *seconds_of_day; /* ascending */
    size_t second_count;
    bool working_days_only;
    int64_t every_ms;
    int64_t max; /* 0: no maximum */
};

enum send_when { SEND_NOW, SEND_DAY, SEND_OFFICE, SEND_WHEN_COUNT };

const char *send_when_name(enum send_when send); /* "now", "day", "office" */

/* What an acknowledgement does to a later stage. */
enum if_acked {
    IF_ACKED_SEND,     /* nothing */
    IF_ACKED_SUPPRESS, /* "unless_acked": true - one is enough */
    IF_ACKED_EACH,     /* "unless_acked": "each" - who has is left out; suppressed when all have */
    IF_ACKED_COUNT
};

struct stage {
    struct text id;
    struct text title;
    struct stage_at at;
    enum light light;
    const struct role *notify;
    size_t notify_count;
    const struct text *via; /* channel names; empty: the settings' default_via */
    size_t via_count;
    bool via_all; /* {"all":[..]}: every one, not the first that works */
    struct text template_id;
    struct repeat repeat;
    enum if_acked if_acked;
    bool urgent;
    enum send_when send; /* default already applied: urgent now, fixed times day, else office */
};

enum on_event { ON_CONTINUE, ON_RESTART };

struct clock_rule {
    struct text id;
    struct text family;
    struct text title;
    struct match match;
    const struct text *start; /* kinds without "case." */
    size_t start_count;
    const struct text *stop;
    size_t stop_count;
    bool limit_from_case;   /* {"from":"due"} */
    struct text limit_path; /* the attribute */
    bool recurs;            /* "recur": instead of a limit, a run until each of these times */
    bool recur_weekday[8];  /* index ISO weekday 1..7 */
    int32_t recur_second;   /* of the local day */
    bool per_co_unit;       /* "per": "co_unit": one of its own for each co-handling unit */
    bool again;             /* a start event starts the next run when the last has ended */
    const struct text *pause_reasons; /* closed list; empty: any reason pauses */
    size_t pause_reason_count;
    struct duration limit; /* unless limit_from_case or recurs */
    bool has_statutory_limit;
    struct duration statutory_limit;
    bool roll_next_working_day;
    bool late_arrival_next_working_day;
    bool pause;
    bool has_pause_max; /* "pause_max": a pause ends when that much has been paused in all */
    struct duration pause_max;
    enum on_event on_transfer;
    enum on_event on_reopen;
    int64_t extensions_max;
    const struct stage *stages;
    size_t stage_count;
};

struct accountability {
    struct text id;
    struct text title;
    const struct text *families;
    size_t family_count;
    int64_t misses;
    struct text window; /* "365d", "year", "quarter", "month" */
    bool by_person;
    const struct role *notify;
    size_t notify_count;
};

/* How an act of oversight is sent (acts). */
enum act { ACT_URGED, ACT_SUPERVISED, ACT_COUNT };
struct act_rule {
    bool given; /* the rule set says something about this act */
    const struct role *to;
    size_t to_count;
    const struct role *copy_to;
    size_t copy_count;
    const struct text *via; /* empty: default_via */
    size_t via_count;
    bool via_all;
    struct text template_id;
    bool urgent;
    enum send_when send;
};

struct ruleset {
    struct text id;
    struct text title;
    struct text version;
    const struct clock_rule *clocks;
    size_t clock_count;
    const struct accountability *accountability;
    size_t accountability_count;
    const struct text *on_time_families; /* figures.on_time */
    size_t on_time_family_count;
    const struct text *waive_reasons; /* closed list; empty: any reason waives */
    size_t waive_reason_count;
    struct act_rule acts[ACT_COUNT];
};

/* One applied version of everything the rules need. Never changes once built. */
struct policy {
    int64_t version;      /* 1, 2 ... ; 0 in simulation */
    struct wall_ms since; /* when it was applied; 0: not known, as of the only one */
    const struct ruleset *sets;
    size_t set_count;
    const struct calendar *calendar;
    const struct directory *directory;
    int64_t backfill_ms; /* default one hour */
};

/* The versions that runs may refer to, newest last. */
struct rulebook {
    const struct policy *const *policies;
    size_t policy_count;
};
/* The policy of that version, or the newest when it is not known; NULL only when empty. */
const struct policy *rulebook_policy(const struct rulebook *rulebook, int64_t version);
const struct policy *rulebook_newest(const struct rulebook *rulebook);
/* That very version; NULL when it is not known. */
const struct policy *rulebook_version(const struct rulebook *rulebook, int64_t version);
/* The newest that was applied by then; NULL when none was. */
const struct policy *rulebook_applied_by(const struct rulebook *rulebook, struct wall_ms at);

/* The clock of that id in any set; NULL when there is none. */
const struct clock_rule *policy_clock(const struct policy *policy, struct text id);
bool clock_starts_at(const struct clock_rule *rule, struct text kind);
bool clock_stops_at(const struct clock_rule *rule, struct text kind);

/* Does some clock of any set name this kind as start or stop (so that it must be kept)? */
bool policy_names_kind(const struct policy *policy, struct text kind);

/*
 * Is the event kept by the ledger alone (semantics section 4)? Its kind is one of those, no clock
 * of any version that a run may go by names it, and it carries no `ruling` on an objection.
 */
bool event_is_ledger_only(const struct event *event, const struct rulebook *rulebook);

/* A limit given by the case, recurring, per unit: what a run keeps when its rules change. */
bool clock_is_of_one_kind(const struct clock_rule *a, const struct clock_rule *b);
/* The rule set that has this very clock; NULL when none has. */
const struct ruleset *policy_set_of(const struct policy *policy, const struct clock_rule *rule);

#endif
