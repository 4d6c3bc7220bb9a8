/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a prepared calendar (private to rules/calendar*.c). The window holds, per day,
 * its kind and the running sums of working dates and office time; days outside are asked from
 * the specification.
 */
#ifndef NRT_RULES_CALENDAR_DATA_H
#define NRT_RULES_CALENDAR_DATA_H

#include "rules/calendar.h"

#define CALENDAR_WINDOW_FIRST_YEAR 1990
#define CALENDAR_WINDOW_END_YEAR   2110

struct calendar {
    const struct calendar_spec *spec;
    int32_t official_until;
    int32_t window_first; /* day number */
    int32_t window_days;
    uint8_t *kinds;            /* [window_days], enum day_kind */
    int32_t *working_before;   /* [window_days + 1], working dates of the window before that day */
    int32_t *working_dates;    /* day numbers of the window's working dates, ascending */
    int64_t *office_ms_before; /* [window_days + 1] */
};

bool calendar_in_window(const struct calendar *calendar, struct civil_day day);

/* The office intervals of a date as instants; 0 when it is not working. A change of offset
 * within the day is minded; intervals stay ascending. */
struct office_span {
    int64_t from_ms;
    int64_t to_ms;
};
#define OFFICE_SPANS_MAX OFFICE_INTERVALS_MAX
size_t calendar_office_spans(
    const struct calendar *calendar,
    struct civil_day day,
    struct office_span spans[static OFFICE_SPANS_MAX]);

#endif
