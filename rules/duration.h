/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations ("5wd", "10d@24:00", "4wh", "50m") and what they come to on a calendar, less paused
 * time. The one place where limits, stages, extensions and the what-if calculator are computed.
 */
#ifndef NRT_RULES_DURATION_H
#define NRT_RULES_DURATION_H

#include "rules/calendar.h"

enum unit_kind {
    UNIT_WORKING_DAY,  /* wd */
    UNIT_CALENDAR_DAY, /* d */
    UNIT_WORKING_TIME, /* wh, wm, ws: amount in ms */
    UNIT_ELAPSED,      /* h, m, s: amount in ms */
    UNIT_KIND_COUNT
};

struct duration {
    enum unit_kind unit;
    int64_t amount;    /* days, or milliseconds */
    int32_t step_ms;   /* of the unit as written (wh 3600000, wm 60000 ...); 0 for days */
    int32_t at_second; /* local time of a day duration, 0..86400; -1: the end of the day */
};

/* ERR_PARSE with why saying what is wrong and what is allowed. */
enum err duration_parse(struct text text, struct duration *ret_duration, struct err_why *why)
    ERR_MUST_USE;

/* As it is written: "5wd", "10d@24:00". */
void duration_write(struct duration duration, struct buf *buf);
/* Its unit's word: "wd". */
const char *duration_unit_word(struct duration duration);

/* "08:30" to "24:00" as seconds of the day. ERR_PARSE, or ERR_RANGE for 25:00 and the like. */
enum err duration_parse_time(struct text text, int32_t *ret_second) ERR_MUST_USE;

struct interval {
    struct wall_ms from;
    struct wall_ms to; /* not included; WALL_MS_MAX while open */
};

struct count_trace;

struct count_options {
    struct count_trace *trace; /* told each step of the count; NULL in normal runs */
    bool late_arrival_next_working_day;
    bool roll_next_working_day;    /* calendar days only */
    const struct interval *pauses; /* ascending */
    size_t pause_count;
};

struct counted {
    struct wall_ms at;
    bool provisional; /* touched a year beyond the official ones */
};

/*
 * The instant `duration` after `start`. ERR_RANGE when it lies beyond year 9999 or there is
 * no working day within 20 years.
 */
enum err duration_after(
    const struct calendar *calendar,
    struct wall_ms start,
    struct duration duration,
    const struct count_options *options,
    struct counted *ret_counted) ERR_MUST_USE;

/*
 * The instant `duration` before (back) or after a due instant (semantics section 6); amount 0 is
 * due itself. ERR_RANGE.
 */
enum err duration_from_due(
    const struct calendar *calendar,
    struct wall_ms due,
    struct duration duration,
    bool back,
    struct wall_ms *ret_at) ERR_MUST_USE;

/* That local time of a date, or its end when at_second is -1. */
struct wall_ms duration_on_date(
    const struct calendar *calendar, struct civil_day day, int32_t at_second);

/* `nrt calendar between`: working dates d with date(from) < d <= date(to), office seconds, calendar
 * days. */
struct between {
    int64_t working_days;
    int64_t working_seconds;
    int64_t calendar_days;
};
struct between calendar_between(
    const struct calendar *calendar, struct wall_ms from, struct wall_ms to);

#endif
