/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON behind one door (cJSON is used in base/json.c only). Reading is strict: before cJSON sees
 * a byte, one linear scan checks UTF-8, depth, size, number of values, duplicate keys, \u0000
 * and lone surrogates, and notes where each value stands, so that every complaint can name
 * line and column. Documents are read-only afterwards. Writing is an appending writer over
 * struct buf: compact, keys in the order written, raw UTF-8.
 */
#ifndef NRT_BASE_JSON_H
#define NRT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct json_doc;   /* owns everything below it */
struct json_value; /* a view into a document (is a cJSON inside base/json.c) */

struct json_limits {
    size_t bytes_max;
    size_t depth_max;
    size_t values_max;
};
extern const struct json_limits json_limits_event;  /* 64 KiB, 16, 4096 */
extern const struct json_limits json_limits_config; /* 16 MiB, 32, 2 million */
extern const struct json_limits json_limits_answer; /* 256 KiB, 32, 65536: gateways */

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
    JSON_TYPE_COUNT
};

/*
 * Parse one document; nothing but white space may follow. On failure `why` says "line:column:
 * what" (1-based, columns in characters). The caller frees with json_free().
 */
enum err json_parse(
    struct text text,
    const struct json_limits *limits,
    struct json_doc **ret_doc,
    struct err_why *why) ERR_MUST_USE;
void json_free(struct json_doc *doc); /* accepts NULL */
const struct json_value *json_root(const struct json_doc *doc);

/* All accept NULL values and give the "nothing" answer. */
enum json_type json_type(const struct json_value *value); /* NULL value: JSON_NULL */
const char *json_type_name(enum json_type type);          /* "string", "object" ... */
bool json_is_true(const struct json_value *value);
struct text json_string(const struct json_value *value); /* empty unless JSON_STRING */
double json_number(const struct json_value *value);      /* 0 unless JSON_NUMBER */
/* ERR_PARSE unless a whole number within +-2^53. */
enum err json_i64(const struct json_value *value, int64_t *ret_number) ERR_MUST_USE;

/* Children in document order; key of a member of an object. */
const struct json_value *json_first(const struct json_value *value);
const struct json_value *json_next(const struct json_value *value);
struct text json_key(const struct json_value *value);
size_t json_count(const struct json_value *value);
/* Case-sensitive member, NULL when absent. */
const struct json_value *json_get(const struct json_value *object, const char *key);
/* The string member, empty when absent or not a string. */
struct text json_get_string(const struct json_value *object, const char *key);

/* Where the value begins in the text: 1-based line, column in characters. */
void json_place(
    const struct json_doc *doc,
    const struct json_value *value,
    size_t *ret_line,
    size_t *ret_column);
/* As json_place, of the member's key; of the value itself where it has none. */
void json_key_place(
    const struct json_doc *doc,
    const struct json_value *value,
    size_t *ret_line,
    size_t *ret_column);

/* ---- writing ---- */

/*
 * struct json_out keeps commas right. Values written inside an object need a key first
 * (json_out_key or the _member helpers). Errors are those of the buffer.
 */
struct json_out {
    struct buf *buf; /* not owned */
    bool comma;      /* a value stands before at this level */
};

void json_out_init(struct json_out *out, struct buf *buf);
void json_out_open(struct json_out *out, char bracket);  /* '{' or '[' */
void json_out_close(struct json_out *out, char bracket); /* '}' or ']' */
void json_out_key(struct json_out *out, const char *key);
void json_out_string(struct json_out *out, struct text text); /* NUL, invalid UTF-8: U+FFFD */
void json_out_i64(struct json_out *out, int64_t number);
/* The shortest digits that come back as the same double; null for infinity and NaN. */
void json_out_double(struct json_out *out, double number);
void json_out_bool(struct json_out *out, bool value);
void json_out_null(struct json_out *out);
void json_out_raw(struct json_out *out, struct text json); /* trusted, complete JSON value */
/* Copy a parsed value, compactly, keys in their order. */
void json_out_value(struct json_out *out, const struct json_value *value);
void json_out_member(struct json_out *out, const char *key, struct text text);
void json_out_member_i64(struct json_out *out, const char *key, int64_t number);

#endif
