/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places by marks, one every MARK_BYTES. Without memory for them each look-up walks from the
 * beginning: slower, never wrong.
 */
#include "base/json_places.h"

#include <stdlib.h>

#include "base/must.h"

#define MARK_BYTES 256

/* From a byte whose place is known to a later one. */
static struct json_mark walk(struct text text, struct json_mark mark, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (text.ptr[i] == '\n') {
            mark.line++;
            mark.column = 1;
        } else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static void make_marks(struct json_places *places, struct text text)
{
    const size_t count = text.bytes / MARK_BYTES + 1;
    struct json_mark mark = {1, 1};
    places->marks = calloc(count, sizeof *places->marks);
    if (!places->marks)
        return;
    places->count = count;
    places->marks[0] = mark;
    for (size_t i = 1; i < count; i++) {
        mark = walk(text, mark, (i - 1) * MARK_BYTES, i * MARK_BYTES);
        places->marks[i] = mark;
    }
}

void json_places_find(
    struct json_places *places, struct text text, size_t at, size_t *ret_line, size_t *ret_column)
{
    struct json_mark mark = {1, 1};
    size_t from = 0;
    MUST(at <= text.bytes);
    if (!places->marks)
        make_marks(places, text);
    const size_t index = at / MARK_BYTES;
    if (index < places->count) {
        mark = places->marks[index];
        from = index * MARK_BYTES;
    }
    mark = walk(text, mark, from, at);
    *ret_line = mark.line;
    *ret_column = mark.column;
}

void json_places_release(struct json_places *places)
{
    free(places->marks);
    *places = (struct json_places){0};
}
