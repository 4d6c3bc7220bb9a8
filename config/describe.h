/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describing instead of reading (private to config/): the functions that read a file, called
 * without a value, say what they would take, and so write the file's JSON Schema. Keys, which of
 * them must be there, closed lists of words and types come from the very tables that read. A
 * reader of a single value names its shape in schema/values.json; every key has its words in
 * schema/words.json. What has no shape or no words is a problem that the writer reports.
 */
#ifndef NRT_CONFIG_DESCRIBE_H
#define NRT_CONFIG_DESCRIBE_H

#include "config/read.h"

/*
 * The first line of a reader of a single value. True when describing: the value's shape is the
 * member of that name in values.json, and there is nothing else to do.
 */
bool describe_value(struct reader *reader, const char *name);
/*
 * Before read_object() or read_list(): the next shape also has the members of that value of
 * values.json ("at_least_one"). Nothing when reading.
 */
void describe_also(struct reader *reader, const char *name);
/* The value may have the shape of any of these. */
bool describe_either(
    struct reader *reader, read_fn *const *readers, size_t reader_count, void *target);
/* An object whose keys are names of the user's own, shaped as `key_name`. */
bool describe_map(struct reader *reader, const char *key_name, read_fn *member, void *target);

/* ---- what the readers of read.h call themselves ---- */

bool describe_type(struct reader *reader, enum json_type type);
bool describe_choice(struct reader *reader, const char *const *words, size_t word_count);
bool describe_object(
    struct reader *reader, const struct field *fields, size_t field_count, void *target);
bool describe_list(struct reader *reader, const struct read_items *items);

/* ---- a whole file ---- */

#define DESCRIBE_VALUES_MAX 96
#define DESCRIBE_WORDS_MAX  256
#define DESCRIBE_ALSO_MAX   4

struct describer {
    const char *kind;
    const char *title;
    struct json_out *out;
    struct buf *problems;            /* one line each; empty: all is described */
    const struct json_value *values; /* values.json */
    const struct json_value *words;  /* those of this file in words.json */
    bool used[DESCRIBE_VALUES_MAX];  /* by place in values.json */
    bool worded[DESCRIBE_WORDS_MAX]; /* by place among them */
    const char *also[DESCRIBE_ALSO_MAX];
    size_t also_count;
    size_t depth;
    size_t said;   /* shapes written for the value in hand: one, once its reader has returned */
    bool wordless; /* the next shape is a part of one that has the words */
};

/* The whole schema of a file, through its own reading function. */
void describe_file(struct reader *reader, read_fn *read, void *target);

#endif
