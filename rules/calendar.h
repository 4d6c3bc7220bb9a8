/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working days, office hours and the local zone: what turns "5 working days" into an instant.
 * Pure data and arithmetic (semantics: docs/semantics.md sections 1 and 2). A calendar is built
 * once by config/ through calendar_build() and is read-only afterwards.
 */
#ifndef NRT_RULES_CALENDAR_H
#define NRT_RULES_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/wall.h"

/* Days since 1970-01-01, proleptic Gregorian. */
struct civil_day {
    int32_t number;
};

struct civil_date {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

struct civil_day civil_day_of(struct civil_date date);
struct civil_date civil_date_of(struct civil_day day);
/* ISO weekday, Monday 1 .. Sunday 7. */
int32_t civil_weekday(struct civil_day day);
/* "2026-02-13"; checks that the date exists. ERR_PARSE. */
enum err civil_parse(struct text text, struct civil_day *ret_day) ERR_MUST_USE;

/*
 * A time zone as its list of offset changes (from a TZif file, expanded to 2100 by the
 * loader; beyond the last change the last offset holds).
 */
struct zone_change {
    int64_t at_s;     /* UTC seconds at which the offset begins to hold */
    int32_t offset_s; /* seconds east of UTC */
};

struct zone {
    struct text name;
    int32_t first_offset_s; /* before the first change */
    const struct zone_change *changes;
    size_t change_count;
};

int32_t zone_offset_at(const struct zone *zone, struct wall_ms at);

struct day_interval {
    int32_t from_s; /* seconds of the local day, 0..86400 */
    int32_t to_s;   /* > from_s, <= 86400 */
};

#define OFFICE_INTERVALS_MAX 16 /* a day; readers refuse more */

struct office_hours {
    const struct day_interval *intervals; /* ascending, not overlapping, at least one */
    size_t interval_count;
};

struct season {
    int32_t from_month_day; /* month * 100 + day, both ends included; may wrap over New Year */
    int32_t to_month_day;
    struct office_hours hours;
};

struct closure {
    struct civil_day day;
    struct text reason;
};

/* What a calendar file says; lists need not be sorted. All memory belongs to the caller's arena. */
struct calendar_spec {
    struct text id;
    struct text title;
    struct zone zone;
    bool working_weekday[8]; /* index ISO weekday 1..7 */
    struct office_hours hours;
    const struct season *seasons;
    size_t season_count;
    const struct civil_day *holidays;
    size_t holiday_count;
    const struct text *holiday_names; /* beside holidays, empty where there is none; may be NULL */
    const struct civil_day *workdays;
    size_t workday_count;
    const struct text *workday_names; /* likewise */
    const struct closure *closures;
    size_t closure_count;
    const int32_t *official_years;
    size_t official_year_count;
    bool day_ends_at_midnight; /* "day_end": "midnight" */
};

struct calendar; /* prepared for fast arithmetic; lives in the arena given */

/* NULL only when memory is out. Keeps pointers into spec. */
struct calendar *calendar_build(const struct calendar_spec *spec, struct arena *arena);
const struct calendar_spec *calendar_spec_of(const struct calendar *calendar);

enum day_kind { DAY_WORKING, DAY_MAKE_UP, DAY_WEEKEND, DAY_HOLIDAY, DAY_CLOSURE, DAY_KIND_COUNT };
enum day_kind calendar_day_kind(const struct calendar *calendar, struct civil_day day);
bool calendar_is_working(const struct calendar *calendar, struct civil_day day);
/* What the file calls a holiday, a make-up day, or the reason of a closure; else empty. */
struct text calendar_day_name(const struct calendar *calendar, struct civil_day day);
/* The local date of an instant, and the instant of a local time (earlier offset where ambiguous or
 * missing). */
struct civil_day calendar_local_day(const struct calendar *calendar, struct wall_ms at);
int32_t calendar_local_second(const struct calendar *calendar, struct wall_ms at);
struct wall_ms calendar_instant(
    const struct calendar *calendar, struct civil_day day, int32_t second_of_day); /* 0..86400 */
/* Office hours in force on a date (seasonal ones where they fit). */
struct office_hours calendar_hours_on(const struct calendar *calendar, struct civil_day day);
/* end(d) and day(t) of the semantics. */
struct wall_ms calendar_end_of(const struct calendar *calendar, struct civil_day day);
struct civil_day calendar_day_of(const struct calendar *calendar, struct wall_ms at);
/* The last official year; INT32_MIN when none is listed. */
int32_t calendar_official_until(const struct calendar *calendar);
/* RFC 3339 in the calendar's zone. Returns text. */
const char *calendar_format(
    const struct calendar *calendar, struct wall_ms at, char text[static WALL_TEXT_BYTES]);

#endif
