/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What imports share (private to config/): columns found by their headings, cells by column,
 * findings at row and column, members of a JSON object written anew.
 */
#ifndef NRT_CONFIG_IMPORT_TABLE_H
#define NRT_CONFIG_IMPORT_TABLE_H

#include "config/import.h"

#define TABLE_FIELDS_MAX 16

struct table_field {
    const char *key;   /* of the JSON file */
    const char *names; /* headings, parted by '|', the one to recommend first */
    bool required;
};

struct table {
    const struct import_from *from;
    struct report *report;
    struct arena *arena;
    const struct table_field *fields;
    size_t field_count;
    size_t columns[TABLE_FIELDS_MAX]; /* place in a row, from 1; 0: the table has none */
    size_t row_errors;                /* of the row being read */
};

/* False, and findings, when the heading will not do. */
bool import_open(struct table *table);
/* Empty where the row, or the table, has no such cell. */
struct text import_cell(const struct table *table, const struct csv_row *row, size_t field);
/* An error of this row; `field` of TABLE_FIELDS_MAX: of the row as a whole. */
void import_error(
    struct table *table, const struct csv_row *row, size_t field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Reports cells that a spreadsheet would compute, and control characters. */
void import_check_row(struct table *table, const struct csv_row *row);

/* "A", or "B"; the row's word among ids and names. NULL and an error when there is none. */
const struct unit *import_unit(
    struct table *table,
    const struct csv_row *row,
    size_t field,
    const struct directory *directory);
const struct person *import_person(
    struct table *table,
    const struct csv_row *row,
    size_t field,
    const struct directory *directory);
/* True, or an error, when it can be an id. */
bool import_is_id(struct table *table, const struct csv_row *row, size_t field, struct text id);

/* A member that is written instead of what stands there; `json` a complete value. */
struct import_member {
    const char *key;
    struct text json;
};
/* The object with these members, in its own order, new ones at the end. `object` may be NULL. */
void import_put_object(
    struct json_out *out,
    const struct json_value *object,
    const struct import_member *members,
    size_t member_count);
/* A JSON string in the arena. */
struct text import_string(struct arena *arena, struct text text);

/* A growing list of changes. */
struct import_changes {
    struct import_change *items;
    size_t count;
    size_t room;
};
bool import_changes_add(
    struct import_changes *changes, struct arena *arena, const struct import_change *change);

#endif
