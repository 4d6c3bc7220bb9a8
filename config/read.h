/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader that all configuration files share. A file's grammar is a set of tables: for each
 * object its keys, how each is read, where the result goes and whether it must be there. Unknown
 * keys, wrong types, missing keys and their places then come out of one function. A reader
 * function gets the JSON value and the address to fill; on a mistake it reports and leaves the
 * target as it was, so that reading goes on and finds the other mistakes.
 *
 * "note" (a string) may stand in every object, "$schema" at the top of a file, "title" in every
 * object of a rule set.
 */
#ifndef NRT_CONFIG_READ_H
#define NRT_CONFIG_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "config/report.h"

#define READ_PATH_BYTES   256
#define READ_ID_BYTES_MAX 64

struct directory;
struct settings;
struct template_text;

/* What a file may refer to in other files; what is NULL is not checked. */
struct known {
    const struct directory *directory;
    const struct settings *settings;
    const struct template_text *templates;
    size_t template_count;
};

/* A file's text and the name that messages use. */
struct source {
    const char *file;
    struct text json;
};

/* What all files of one run share. */
struct reading {
    struct arena *arena; /* results live here */
    struct report *report;
    struct known known;
};

struct reader {
    struct report *report;
    struct arena *arena;
    const struct known *known;
    struct json_doc *doc;
    const char *file;
    size_t errors_before;        /* of the report, when this file was opened */
    bool titles;                 /* "title" may stand in every object */
    struct describer *describer; /* not NULL: nothing is read (config/describe.h) */
    size_t item_count;           /* items of lists so far: ranks them in the order of the text */
    char path[READ_PATH_BYTES];
    size_t path_bytes;
};

typedef void read_fn(struct reader *reader, const struct json_value *value, void *target);

enum field_flag {
    FIELD_OPTIONAL = 0,
    FIELD_REQUIRED = 1,
    FIELD_NULLABLE = 2, /* null is as good as absent */
    FIELD_HIDDEN = 4    /* not for files that people write: no schema names it */
};

struct field {
    const char *key;
    read_fn *read;
    size_t offset; /* of the target within the object's struct */
    unsigned flags;
};

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

/*
 * Parse a file's text. False when it is not JSON (reported). Source's name and reading are kept by
 * pointer. Close with reader_close() in either case, which says whether the file was without error.
 */
bool reader_open(struct reader *reader, const struct source *source, const struct reading *reading);
bool reader_close(struct reader *reader);

/* Report at the value (NULL: the file as a whole), with the reader's present path. */
void reader_error(struct reader *reader, const struct json_value *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void reader_warning(struct reader *reader, const struct json_value *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The path grows by ".key" or "[index]"; the mark given back is what reader_leave() wants. */
size_t reader_enter_key(struct reader *reader, struct text key);
size_t reader_enter_index(struct reader *reader, size_t index);
size_t reader_enter_every(struct reader *reader); /* "[]": all items of a list */
void reader_leave(struct reader *reader, size_t mark);

/* Read an object by its table. False when the value is no object (reported). */
bool read_object(
    struct reader *reader,
    const struct json_value *value,
    const struct field *fields,
    size_t field_count,
    void *target);

/*
 * For objects whose keys are names of the user's own: true (and checked) when the member is a
 * remark that the reader of names must pass over.
 */
bool reader_remark(struct reader *reader, const struct json_value *member);

/* A list whose items are all read by one function into an array of the arena. */
struct read_items {
    read_fn *read;
    size_t item_bytes;
    const char *what; /* "a list of clocks": for the message about a wrong type */
};
/* NULL, with *ret_count 0, for an empty list, a value that is no list, or no memory. */
void *read_list(
    struct reader *reader,
    const struct json_value *value,
    const struct read_items *items,
    size_t *ret_count);

/* Readers of single values; the target's type is said first. */
read_fn read_string;   /* struct text: any string, also an empty one */
read_fn read_words;    /* struct text: a string that is not empty */
read_fn read_id;       /* struct text: letters, digits, '-', '_', '.', at most 64 bytes */
read_fn read_bool;     /* bool */
read_fn read_count;    /* int64_t: 0 or more */
read_fn read_positive; /* int64_t: 1 or more */
read_fn read_span_ms;  /* int64_t: "10m", "1h", "60s", "180d" (days of 24 hours) */

/* One of a closed list of words; ret_index on success. `what` begins the message ("a light"). */
bool read_choice(
    struct reader *reader,
    const struct json_value *value,
    const char *const *words,
    size_t word_count,
    size_t *ret_index);
/* "08:30" .. "24:00" as seconds of the day. */
bool read_time_of_day(struct reader *reader, const struct json_value *value, int32_t *ret_second);
/* "2026-02-13"; also false beyond the years 1970..9999. */
struct civil_day;
bool read_date(struct reader *reader, const struct json_value *value, struct civil_day *ret_day);

/* The value's type as asked for, else false and "expected WHAT, got a number". */
bool read_is(
    struct reader *reader, const struct json_value *value, enum json_type type, const char *what);
/* A copy in the arena; reports when memory is out. */
struct text reader_keep(struct reader *reader, struct text text);

/* The word itself in quotes, or the type: for "got %s". Returns the buffer. */
#define READ_GOT_BYTES 80
const char *read_got(const struct json_value *value, char got[static READ_GOT_BYTES]);

/* "; did you mean "x"?" for the closest of the words that is close enough, else "". */
#define READ_HINT_BYTES 96
struct nearest {
    struct text word;
    struct text best;
    size_t best_distance;
    struct report *report; /* whose patience is used up, NULL: a short list of our own */
};
void nearest_init(struct nearest *nearest, struct text word);
/* The same among names of the user's own, of which there may be many. */
void nearest_among(struct nearest *nearest, const struct reader *reader, struct text word);
/* False when enough has been looked at: the file has so many mistakes that hints end. */
bool nearest_goes_on(const struct nearest *nearest);
void nearest_try(struct nearest *nearest, struct text candidate);
const char *nearest_hint(const struct nearest *nearest, char hint[static READ_HINT_BYTES]);

/* Ids seen so far in one scope, to find the second use of one. */
struct id_table {
    struct id_entry *entries;
    size_t entry_count;
    size_t capacity; /* a power of two, or 0 */
    uint64_t seed;
    bool across_files; /* one scope for several files: then places are noted at once */
};
/*
 * Remember an id; when it was there already, report it ("duplicate id ...; first at line n") at
 * value and give false. Empty ids are ignored: they were reported as such.
 */
bool id_table_add(
    struct id_table *table, struct reader *reader, const struct json_value *value, struct text id);
void id_table_release(struct id_table *table);
/* The same table as a plain set. False when memory is out. */
bool id_table_put(struct id_table *table, struct text id);
bool id_table_has(const struct id_table *table, struct text id);

#endif
