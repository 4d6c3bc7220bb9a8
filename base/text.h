/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as pointer and length (struct text, never owns) and a growable buffer with a maximum
 * (struct buf, owns). A buffer that hits its maximum or the end of memory goes into a failed
 * state: later appends do nothing and buf_error() tells, so that building is checked once.
 */
#ifndef NRT_BASE_TEXT_H
#define NRT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct text {
    const char *ptr; /* not NUL-terminated unless said; NULL only when bytes == 0 */
    size_t bytes;
};

#define TEXT_LITERAL(s) ((struct text){.ptr = (s), .bytes = sizeof(s) - 1})
#define TEXT_ARGS(t)    (int)(t).bytes, (t).ptr /* for "%.*s" */

struct text text_of(const char *string); /* NULL gives the empty text */
bool text_equal(struct text a, struct text b);
bool text_is(struct text a, const char *string);
/* Is it one of them? */
bool text_is_among(struct text text, const struct text *items, size_t count);
bool text_starts_with(struct text a, struct text prefix);
/* As memcmp, the shorter first where one is a prefix of the other. */
int text_compare(struct text a, struct text b);
/* A NUL-terminated heap copy, NULL when memory is out; free() it. */
char *text_copy(struct text text);
/* Decimal, optional '-', nothing else around it. ERR_PARSE or ERR_RANGE. */
enum err text_parse_i64(struct text text, int64_t *ret_value) ERR_MUST_USE;

struct buf {
    char *ptr; /* NUL-terminated whenever not NULL */
    size_t bytes;
    size_t capacity;
    size_t bytes_max;
    enum err error;
};

void buf_init(struct buf *buf, size_t bytes_max);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* empty, error forgotten, memory kept */
/* Back to the first so many bytes (at most what there is); an error stays. */
void buf_cut(struct buf *buf, size_t bytes);
enum err buf_error(const struct buf *buf) ERR_MUST_USE;
void buf_add(struct buf *buf, const void *bytes, size_t byte_count);
void buf_text(struct buf *buf, struct text text);
void buf_string(struct buf *buf, const char *string);
void buf_char(struct buf *buf, char c);
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * Hand the bytes over (malloc'd, NUL-terminated); buf becomes empty. NULL when the buffer has
 * failed: it then keeps its error and what it holds. ret_bytes may be NULL.
 */
char *buf_take(struct buf *buf, size_t *ret_bytes);
struct text buf_view(const struct buf *buf);

/* Bytes of the well-formed character at the start, 0 when it is none (or NUL, or no bytes). */
size_t utf8_char_bytes(const char *ptr, size_t bytes);
/* True when all is well-formed UTF-8 (no overlong form, no surrogate, no NUL). */
bool utf8_valid(struct text text);
/* UTF-16 code units of well-formed UTF-8: what an SMS in UCS-2 counts. */
size_t utf8_utf16_units(struct text text);
/* Columns on a terminal: East Asian wide and fullwidth 2, combining 0. */
size_t utf8_columns(struct text text);
/* The longest prefix of at most that many bytes that does not cut a character. */
struct text utf8_cut(struct text text, size_t bytes_max);

/*
 * Edit distance of short words, for "did you mean"; two neighbours swapped count once. Only the
 * first 64 bytes of each are looked at.
 */
size_t text_distance(struct text a, struct text b);

#endif
