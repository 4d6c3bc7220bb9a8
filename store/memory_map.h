/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table from byte strings to pointers for the memory twin. Keys are views into the
 * values, which belong to the caller. The order depends on the keys and their history alone, so
 * a seeded run repeats. The twin serves tests and simulation: where memory runs out it aborts.
 */
#ifndef NRT_STORE_MEMORY_MAP_H
#define NRT_STORE_MEMORY_MAP_H

#include <stddef.h>

#include "base/text.h"

struct memory_map_node;
struct memory_map {
    struct memory_map_node **buckets;
    size_t bucket_count;
    size_t count;
};

void memory_map_init(struct memory_map *map);
/* Gives each value to `free_value` (may be NULL) and empties the map. */
void memory_map_release(struct memory_map *map, void (*free_value)(void *value));
/* NULL when there is none. */
void *memory_map_get(const struct memory_map *map, struct text key);
/* The key must be new and must live as long as the value is in the map. */
void memory_map_put(struct memory_map *map, struct text key, void *value);

/* Heap copies that abort where memory is out; text_free accepts the empty text. */
struct text memory_text_copy(struct text text);
void memory_text_free(struct text text);
void *memory_alloc(size_t bytes); /* zeroed */

#endif
