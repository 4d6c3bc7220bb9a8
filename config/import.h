/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People and matters from a table into directory.json and matters.json. A row adds somebody or
 * changes what it says of somebody who is there; empty cells leave things as they are; nothing is
 * ever removed, and ids, notes and whatever the table does not speak of stay. Pure: files are the
 * caller's. A finding's line and column are row and column of the table; no finding and no change
 * repeats a number.
 */
#ifndef NRT_CONFIG_IMPORT_H
#define NRT_CONFIG_IMPORT_H

#include "config/csv.h"
#include "config/files.h"

struct import_change {
    bool added;
    struct text id;
    struct text name;
    struct text what; /* "mobile, unit"; empty where added */
};

struct import_result {
    struct text json; /* the file as it would be, compact */
    const struct import_change *changes;
    size_t change_count;
    size_t same_count; /* rows that say what is known */
    size_t bad_rows;   /* left out */
};

struct import_from {
    const char *file; /* the table's name, for findings */
    const struct csv *csv;
    struct source directory; /* the file as it is; of matters: to look people and units up */
    struct source matters;   /* the file as it is; unused for people */
    const uint8_t *key;      /* opens sealed addresses; NULL: they stay closed */
};

/*
 * Columns by their heading, Chinese or English (docs/operations.md). False when memory is out, the
 * file itself cannot be read, or a column is missing; rows with mistakes are reported, counted in
 * bad_rows and left out of the result: whether that will do is the caller's decision.
 */
bool import_people(
    const struct import_from *from,
    const struct reading *reading,
    struct import_result *ret_result);
bool import_matters(
    const struct import_from *from,
    const struct reading *reading,
    struct import_result *ret_result);

#endif
