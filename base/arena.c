/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bump allocator. Blocks come zeroed from calloc and hang newest first; the last in the
 * chain is the first ever made, which arena_reset() keeps. The maximum counts bytes handed
 * out, rounded up to the alignment. O(1) per object.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK_BYTES 2048
#define BLOCK_BYTES_MAX   ((size_t)1024 * 1024)

struct arena_block {
    struct arena_block *older;
    size_t used;
    size_t capacity;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *arena, size_t bytes_max)
{
    *arena = (struct arena){.bytes_max = bytes_max};
}

void arena_release(struct arena *arena)
{
    while (arena->head) {
        struct arena_block *const older = arena->head->older;
        free(arena->head);
        arena->head = older;
    }
    arena->bytes_used = 0;
}

void arena_reset(struct arena *arena)
{
    while (arena->head && arena->head->older) {
        struct arena_block *const older = arena->head->older;
        free(arena->head);
        arena->head = older;
    }
    if (arena->head) {
        memset(arena->head->bytes, 0, arena->head->used);
        arena->head->used = 0;
    }
    arena->bytes_used = 0;
}

static struct arena_block *block_create(struct arena *arena, size_t bytes)
{
    size_t capacity = arena->head ? arena->head->capacity * 2 : FIRST_BLOCK_BYTES;
    if (capacity > BLOCK_BYTES_MAX)
        capacity = BLOCK_BYTES_MAX;
    if (capacity < bytes)
        capacity = bytes;
    if (capacity > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *const block = calloc(1, sizeof *block + capacity);
    if (!block)
        return NULL;
    block->capacity = capacity;
    block->older = arena->head;
    arena->head = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > SIZE_MAX - align)
        return NULL;
    /* No two objects share an address, not even empty ones. */
    const size_t rounded = bytes ? (bytes + align - 1) / align * align : align;
    if (arena->bytes_max &&
        (arena->bytes_used > arena->bytes_max || rounded > arena->bytes_max - arena->bytes_used))
        return NULL;
    struct arena_block *block = arena->head;
    if (!block || block->capacity - block->used < rounded)
        block = block_create(arena, rounded);
    if (!block)
        return NULL;
    void *const object = block->bytes + block->used;
    block->used += rounded;
    arena->bytes_used += rounded;
    return object;
}

void *arena_array(struct arena *arena, size_t count, size_t item_bytes)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, item_bytes, &bytes))
        return NULL;
    return arena_alloc(arena, bytes);
}

const char *arena_string(struct arena *arena, struct text text)
{
    return arena_text(arena, text).ptr;
}

struct text arena_text(struct arena *arena, struct text text)
{
    if (text.bytes == 0)
        return TEXT_LITERAL("");
    char *const copy = text.bytes < SIZE_MAX ? arena_alloc(arena, text.bytes + 1) : NULL;
    if (!copy)
        return (struct text){0};
    memcpy(copy, text.ptr, text.bytes); /* the arena's zero is the NUL */
    return (struct text){.ptr = copy, .bytes = text.bytes};
}
