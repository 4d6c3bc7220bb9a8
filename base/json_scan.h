/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict pass over a JSON text before a tree is made of it; private to base/json*.c. It
 * accepts exactly RFC 8259 within the limits, less duplicate keys, \u0000, lone surrogates,
 * numbers longer than 60 characters and a byte-order mark. O(bytes); no recursion.
 */
#ifndef NRT_BASE_JSON_SCAN_H
#define NRT_BASE_JSON_SCAN_H

#include "base/json.h"

#define JSON_DEPTH_MAX 64 /* no limit may be above */

struct json_key_seen {
    uint64_t hash;
    const char *ptr; /* the key without escapes */
    uint32_t bytes;
    uint32_t at; /* of its opening quote in the text */
};

#define JSON_KEYS_INLINE 64

/* The keys of all objects that are open, innermost last. */
struct json_keys {
    struct json_key_seen inline_items[JSON_KEYS_INLINE];
    struct json_key_seen *items; /* inline_items or on the heap */
    size_t count;
    size_t capacity;
    char *plain; /* heap, as large as the text: keys whose escapes had to be undone */
    size_t plain_bytes;
};

struct json_frame {
    char close;       /* the bracket that ends it */
    size_t key_start; /* first of its keys in json_keys */
};

struct json_scan {
    struct text text;
    size_t at;
    const struct json_limits *limits;
    uint32_t *places; /* out: where each value begins, in pre-order; the caller's memory */
    size_t value_count;
    struct json_keys keys;
    struct json_frame frames[JSON_DEPTH_MAX];
    size_t depth;
    enum err error;
    size_t error_at;
    char what[160];
};

/* What a string literal turned out to be. */
struct json_literal {
    size_t at;    /* of the opening quote */
    size_t bytes; /* between the quotes */
    bool escaped;
};

/*
 * Check the whole text. places has room for one offset per value, at most bytes / 2 + 1. On
 * failure error, error_at and what say why.
 */
bool json_scan_text(
    struct json_scan *scan, struct text text, const struct json_limits *limits, uint32_t *places);

/* Note a failure; always false, so that a scanner can `return json_scan_fail(...)`. */
bool json_scan_fail(struct json_scan *scan, size_t at, enum err err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* scan->at stands on the opening quote; afterwards behind the closing one. */
bool json_scan_string(struct json_scan *scan, struct json_literal *ret_literal);
/* scan->at stands on '-' or a digit. */
bool json_scan_number(struct json_scan *scan);

/* Bytes from the start that stand in a string as they are: printable ASCII ... */
size_t json_plain_bytes(const char *ptr, size_t bytes);
/* ... and well-formed characters of more than one byte. */
size_t json_wide_bytes(const char *ptr, size_t bytes);

void json_keys_init(struct json_keys *keys);
void json_keys_release(struct json_keys *keys);
/* Remember a key of the innermost object. */
bool json_keys_add(struct json_scan *scan, struct json_literal literal);
/* The innermost object is complete: fail if two of its keys are equal, else forget them. */
bool json_keys_close(struct json_scan *scan, size_t key_start);

/* Line and column (in characters), both from 1, of a byte offset. */
void json_scan_place(struct text text, size_t at, size_t *ret_line, size_t *ret_column);

#endif
