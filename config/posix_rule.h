/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The POSIX TZ rule that closes a TZif file ("CET-1CEST,M3.5.0,M10.5.0/3"): standard and
 * summer offsets and the two days of the year on which they change.
 */
#ifndef NRT_CONFIG_POSIX_RULE_H
#define NRT_CONFIG_POSIX_RULE_H

#include "rules/calendar.h"

enum rule_day_kind {
    RULE_MONTH_WEEK, /* Mm.w.d: weekday d of week w (5: the last) of month m */
    RULE_JULIAN,     /* Jn: day 1..365, 29 February never counted */
    RULE_DAY_OF_YEAR /* n: day 0..365 */
};

struct rule_day {
    enum rule_day_kind kind;
    int32_t month;
    int32_t week;
    int32_t day;    /* weekday (Sunday 0), or day of the year */
    int32_t second; /* local time of the change; may be negative or beyond a day */
};

struct posix_rule {
    int32_t standard_offset_s; /* east of UTC */
    bool has_summer;
    int32_t summer_offset_s;
    struct rule_day summer_begins;
    struct rule_day summer_ends;
};

/* ERR_PARSE for anything that is not such a rule. */
enum err posix_rule_parse(struct text text, struct posix_rule *ret_rule) ERR_MUST_USE;

/* The two changes of a year, in time order. Only for a rule with summer time. */
void posix_rule_changes(
    const struct posix_rule *rule, int32_t year, struct zone_change ret_changes[static 2]);

#endif
