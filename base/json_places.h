/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Line and column of places in a text, many of them: the text is walked once, and marks are left
 * on the way, so that each further look-up walks a few hundred bytes at most.
 */
#ifndef NRT_BASE_JSON_PLACES_H
#define NRT_BASE_JSON_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct json_mark {
    uint32_t line;
    uint32_t column;
};

struct json_places {
    struct json_mark *marks; /* NULL: none yet */
    size_t count;
};

/* Both from 1, columns in characters. `at` is at most the text's length. */
void json_places_find(
    struct json_places *places, struct text text, size_t at, size_t *ret_line, size_t *ret_column);
void json_places_release(struct json_places *places);

#endif
