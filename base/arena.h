/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bump allocator: many small objects with one lifetime (a loaded rule set, one fold). Memory
 * is zeroed. Freed all at once; arena_reset keeps the first block for reuse.
 */
#ifndef NRT_BASE_ARENA_H
#define NRT_BASE_ARENA_H

#include <stddef.h>

#include "base/text.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t bytes_used;
    size_t bytes_max; /* 0: no maximum */
};

void arena_init(struct arena *arena, size_t bytes_max);
void arena_release(struct arena *arena);
void arena_reset(struct arena *arena);
/* Zeroed, aligned for any type; NULL when memory or the maximum is out. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* Zeroed array; NULL also when count * bytes overflows. */
void *arena_array(struct arena *arena, size_t count, size_t item_bytes);
/* A copy with a NUL behind it; .ptr NULL when memory is out (for empty text "" is given). */
struct text arena_text(struct arena *arena, struct text text);
const char *arena_string(struct arena *arena, struct text text);

#endif
