/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notice of days off and days worked instead, as it is published: an iCalendar file, or JSON in
 * one of the forms people publish. All become one list of items, each saying how it was read;
 * what is done with them is config/calendar_merge.h. Files are input from outside: size, depth,
 * events and repetitions are bounded, and what is marked but cannot be read is an error, so that
 * no notice is taken in half.
 */
#ifndef NRT_CONFIG_CALENDAR_NOTICE_H
#define NRT_CONFIG_CALENDAR_NOTICE_H

#include "config/read.h"
#include "rules/calendar.h"

#define NOTICE_BYTES_MAX  ((size_t)2 << 20)
#define NOTICE_ITEMS_MAX  20000 /* with what repetitions bring */
#define NOTICE_DAYS_MAX   62    /* of one item */
#define NOTICE_YEAR_FIRST 1990
#define NOTICE_YEAR_LAST  2109

enum notice_reading {
    NOTICE_OFF,
    NOTICE_WORK,
    NOTICE_SWAPPED,   /* off on a working weekday, worked on a day of rest: readers resolve it */
    NOTICE_UNMARKED,  /* no word says whether offices are open */
    NOTICE_CANCELLED, /* the event itself says so */
    NOTICE_READING_COUNT
};

/* Dates first..last, both included. */
struct notice_item {
    size_t line; /* of the event in an iCalendar file; 0 in JSON */
    struct civil_day first;
    struct civil_day last;
    enum notice_reading reading;
    struct text name; /* without the mark; may be empty */
    struct text by;   /* the words that decided: "(班)"; empty in JSON */
};

struct notice_day {
    struct civil_day day;
    bool works;
    struct text name;
    size_t line;
};

struct calendar_notice {
    const struct notice_item *items; /* in the order of the file */
    size_t item_count;
    const struct notice_day *days; /* ascending, each date once; off and worked ones alone */
    size_t day_count;
    const int32_t *years; /* that the file claims to say in full, ascending */
    size_t year_count;
    int32_t official_year; /* whose published papers the file names; 0: none */
};

struct notice_options {
    const struct zone *zone; /* whose dates count where an event has a time of day */
    int32_t first_year;      /* dates outside first..last are left out; 0: none is */
    int32_t last_year;
    bool unmarked_are_off; /* an event without a mark is a day off */
};

/* False when an error was reported. Everything lives in the arena of the reading. */
bool notice_read(
    const struct source *source,
    const struct reading *reading,
    const struct notice_options *options,
    struct calendar_notice *ret_notice);

/* ---- between the readers (private to config/) ---- */

struct notice_list {
    struct notice_item *items; /* on the heap while it grows */
    size_t count;
    size_t capacity;
    int32_t *years;
    size_t year_count;
    int32_t official_year;
};
/* False when there are too many, or memory is out. */
bool notice_list_add(struct notice_list *list, const struct notice_item *item);

/* config/calendar_ical.c */
void ical_read(
    const struct source *source,
    const struct reading *reading,
    const struct notice_options *options,
    struct notice_list *list);

/* What the words of an event say. `by` and `name` point into the summary or are constants. */
struct notice_words {
    enum notice_reading reading;
    struct text by;
    struct text name;
};
/* `special` is the value of X-APPLE-SPECIAL-DAY; the texts may be empty. */
struct notice_words notice_words_read(
    struct text summary, struct text categories, struct text special);

#endif
