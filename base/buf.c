/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The growable buffer. Appending is all or nothing: a piece that does not fit leaves the bytes
 * as they were and sets the error, which stays until buf_clear(). Growth doubles, so that n
 * appends cost O(n) copies.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "base/text.h"

#define FIRST_CAPACITY 64

void buf_init(struct buf *buf, size_t bytes_max)
{
    *buf = (struct buf){.bytes_max = bytes_max};
}

void buf_release(struct buf *buf)
{
    free(buf->ptr);
    buf_init(buf, buf->bytes_max);
}

void buf_clear(struct buf *buf)
{
    buf_cut(buf, 0);
    buf->error = ERR_OK;
}

void buf_cut(struct buf *buf, size_t bytes)
{
    MUST(bytes <= buf->bytes);
    buf->bytes = bytes;
    if (buf->ptr)
        buf->ptr[bytes] = '\0';
}

enum err buf_error(const struct buf *buf)
{
    return buf->error;
}

/* Slow path of buf_room: the capacity counts the NUL behind the bytes. */
static bool buf_grow(struct buf *buf, size_t more)
{
    size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity;
    while (capacity <= buf->bytes + more && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    if (buf->bytes_max < capacity - 1)
        capacity = buf->bytes_max + 1;
    if (capacity <= buf->bytes + more) {
        buf->error = ERR_NO_MEMORY;
        return false;
    }
    char *const ptr = realloc(buf->ptr, capacity);
    if (!ptr) {
        buf->error = ERR_NO_MEMORY;
        return false;
    }
    buf->ptr = ptr;
    buf->ptr[buf->bytes] = '\0';
    buf->capacity = capacity;
    return true;
}

/* Make room for that many bytes and a NUL; false when the buffer has failed. */
static inline bool buf_room(struct buf *buf, size_t more)
{
    if (buf->error)
        return false;
    if (more > buf->bytes_max - buf->bytes) {
        buf->error = ERR_FULL;
        return false;
    }
    return buf->capacity - buf->bytes > more || buf_grow(buf, more);
}

void buf_add(struct buf *buf, const void *bytes, size_t byte_count)
{
    if (byte_count == 0 || !buf_room(buf, byte_count))
        return;
    memcpy(buf->ptr + buf->bytes, bytes, byte_count);
    buf->bytes += byte_count;
    buf->ptr[buf->bytes] = '\0';
}

void buf_text(struct buf *buf, struct text text)
{
    buf_add(buf, text.ptr, text.bytes);
}

void buf_string(struct buf *buf, const char *string)
{
    buf_add(buf, string, strlen(string));
}

void buf_char(struct buf *buf, char c)
{
    if (!buf_room(buf, 1))
        return;
    buf->ptr[buf->bytes++] = c;
    buf->ptr[buf->bytes] = '\0';
}

void buf_format(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    if (buf->error)
        return;
    va_start(args, format);
    va_copy(again, args);
    const size_t free_bytes = buf->capacity - buf->bytes;
    char *const end = buf->ptr ? buf->ptr + buf->bytes : NULL;
    const int wanted = vsnprintf(end, free_bytes, format, args);
    MUST(wanted >= 0); /* only a broken format of our own gets here */
    const size_t more = (size_t)wanted;
    if (more >= free_bytes) {
        if (end)
            *end = '\0'; /* forget the cut attempt */
        if (buf_room(buf, more))
            (void)vsnprintf(buf->ptr + buf->bytes, more + 1, format, again);
    }
    if (!buf->error)
        buf->bytes += more;
    va_end(again);
    va_end(args);
}

char *buf_take(struct buf *buf, size_t *ret_bytes)
{
    if (buf->error || (!buf->ptr && !buf_grow(buf, 0)))
        return NULL; /* what is there stays the buffer's, buf_error() tells */
    char *const ptr = buf->ptr;
    if (ret_bytes)
        *ret_bytes = buf->bytes;
    buf_init(buf, buf->bytes_max);
    return ptr;
}

struct text buf_view(const struct buf *buf)
{
    return (struct text){.ptr = buf->ptr, .bytes = buf->bytes};
}
