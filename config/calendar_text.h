/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a calendar file with some of its lists written anew (private to config/): every byte
 * outside of them stays, and so does the text of each date that does not change.
 */
#ifndef NRT_CONFIG_CALENDAR_TEXT_H
#define NRT_CONFIG_CALENDAR_TEXT_H

#include "base/arena.h"
#include "rules/calendar.h"

struct dated_entry {
    struct civil_day day;
    struct text name;
    size_t place; /* in the file's list; nothing where added */
    bool added;
    bool renamed;
    bool removed;
};

struct dated_list {
    struct dated_entry *entries; /* written in the order of their dates */
    size_t count;
    bool changed; /* else the list is left as it stands */
};

struct calendar_text {
    struct text json; /* a calendar file that was read without error */
    struct dated_list *holidays;
    struct dated_list *workdays;
    int32_t *official_years; /* written in ascending order */
    size_t official_year_count;
    bool official_changed;
};

/* False when memory is out. */
bool calendar_text_write(
    const struct calendar_text *calendar, struct arena *arena, struct text *ret_json);

#endif
