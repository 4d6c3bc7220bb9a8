/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as pointer and length: comparing, copying, numbers, edit distance. Nothing here looks
 * past the length, and nothing depends on the locale.
 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define DISTANCE_BYTES_MAX 64

struct text text_of(const char *string)
{
    return (struct text){.ptr = string, .bytes = string ? strlen(string) : 0};
}

bool text_equal(struct text a, struct text b)
{
    return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.ptr, b.ptr, a.bytes) == 0);
}

bool text_is_among(struct text text, const struct text *items, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (text_equal(items[index], text))
            return true;
    }
    return false;
}

bool text_is(struct text a, const char *string)
{
    return text_equal(a, text_of(string));
}

bool text_starts_with(struct text a, struct text prefix)
{
    return a.bytes >= prefix.bytes &&
           (prefix.bytes == 0 || memcmp(a.ptr, prefix.ptr, prefix.bytes) == 0);
}

int text_compare(struct text a, struct text b)
{
    const size_t both = a.bytes < b.bytes ? a.bytes : b.bytes;
    const int order = both ? memcmp(a.ptr, b.ptr, both) : 0;
    if (order)
        return order;
    return a.bytes < b.bytes ? -1 : a.bytes > b.bytes;
}

char *text_copy(struct text text)
{
    char *copy = malloc(text.bytes + 1);
    if (!copy)
        return NULL;
    if (text.bytes)
        memcpy(copy, text.ptr, text.bytes);
    copy[text.bytes] = '\0';
    return copy;
}

enum err text_parse_i64(struct text text, int64_t *ret_value)
{
    const bool minus = text.bytes && text.ptr[0] == '-';
    size_t at = minus ? 1 : 0;
    if (at == text.bytes)
        return ERR_PARSE;
    /* Counted downwards, because the negative range is the larger one. */
    int64_t value = 0;
    bool overflow = false;
    for (; at < text.bytes; at++) {
        const char c = text.ptr[at];
        if (c < '0' || c > '9')
            return ERR_PARSE;
        overflow = overflow || __builtin_mul_overflow(value, 10, &value) ||
                   __builtin_sub_overflow(value, c - '0', &value);
    }
    if (overflow || (!minus && value == INT64_MIN))
        return ERR_RANGE;
    *ret_value = minus ? value : -value;
    return ERR_OK;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: as Levenshtein, and two neighbours swapped count as one slip. */
size_t text_distance(struct text a, struct text b)
{
    size_t rows[3][DISTANCE_BYTES_MAX + 1];
    a.bytes = least(a.bytes, DISTANCE_BYTES_MAX);
    b.bytes = least(b.bytes, DISTANCE_BYTES_MAX);
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b.bytes; j++)
        above[j] = before[j] = j;
    for (size_t i = 1; i <= a.bytes; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.bytes; j++) {
            const size_t change = a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1;
            row[j] = least(above[j - 1] + change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *const oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.bytes];
}
