/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the official days of a calendar reach, and whether the next year's should be there by
 * now: the notice of a year comes in the autumn before it, so from October on it is missed.
 */
#ifndef NRT_RULES_CALENDAR_HORIZON_H
#define NRT_RULES_CALENDAR_HORIZON_H

#include "rules/calendar.h"

#define CALENDAR_NOTICE_MONTH 10

struct calendar_horizon {
    bool known;           /* official years are listed at all; else there is nothing to wait for */
    int32_t last_year;    /* the last official one */
    int64_t days;         /* from the local date of `now` to its last date; negative after it */
    int32_t missing_year; /* the first without official days that should have them; 0: none */
};

struct calendar_horizon calendar_horizon_at(const struct calendar *calendar, struct wall_ms now);

#endif
