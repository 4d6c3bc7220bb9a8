/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A notice brought into a calendar file. The file's text stays as it is except for the lists
 * that change: hours, closures, notes and remarks of people are theirs. What the file says
 * differently is a conflict and left alone unless told otherwise, and no date is ever removed
 * because a notice does not name it. Doing it twice changes nothing.
 */
#ifndef NRT_CONFIG_CALENDAR_MERGE_H
#define NRT_CONFIG_CALENDAR_MERGE_H

#include "config/calendar_notice.h"

enum merge_kind {
    MERGE_ADD,      /* a date the file did not have */
    MERGE_NAME,     /* the file has the date and gets its name */
    MERGE_TURN,     /* the file says the contrary, and is told to give way */
    MERGE_CONFLICT, /* the file says the contrary, and stays */
    MERGE_KEPT,     /* the file has a date that a notice of the whole year does not name */
    MERGE_CLOSED,   /* the notice has it worked, a closure of the file says that offices are shut */
    MERGE_KIND_COUNT
};

struct merge_change {
    enum merge_kind kind;
    struct civil_day day;
    bool works; /* as the notice has it; of a kept date, as the file has it */
    struct text name;
};

struct merge_year {
    int32_t year;
    int32_t working_before;
    int32_t working_after;
    bool official_before;
    bool official_after;
};

struct merge_options {
    bool replace;          /* the notice wins over the file */
    int32_t official_year; /* besides the notice's own; 0: none */
};

struct calendar_merged {
    const struct merge_change *changes; /* by date */
    size_t change_count;
    size_t conflict_count;
    const struct merge_year *years; /* of the notice's dates, and the official one */
    size_t year_count;
    bool changed;     /* the text differs from the source's */
    struct text json; /* of the whole file */
};

/*
 * False when an error was reported: the file itself is no calendar, or would be none afterwards.
 * Everything lives in the arena of the reading.
 */
bool calendar_merge(
    const struct source *source,
    const struct reading *reading,
    const struct calendar_notice *notice,
    const struct merge_options *options,
    struct calendar_merged *ret_merged);

#endif
