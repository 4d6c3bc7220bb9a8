/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash table of the memory twin: chained, FNV-1a, doubled when full. Nothing is removed
 * one by one, because a record or a seen message id is never forgotten.
 */
#include "store/memory_map.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/must.h"

#define FIRST_BUCKET_COUNT 64

struct memory_map_node {
    struct memory_map_node *next;
    struct text key;
    uint64_t hash;
    void *value;
};

void *memory_alloc(size_t bytes)
{
    void *const memory = calloc(1, bytes ? bytes : 1);
    MUST(memory);
    return memory;
}

struct text memory_text_copy(struct text text)
{
    char *const copy = text_copy(text);
    MUST(copy);
    return (struct text){.ptr = copy, .bytes = text.bytes};
}

void memory_text_free(struct text text)
{
    union {
        const char *ptr;
        void *memory;
    } owned = {.ptr = text.ptr};
    free(owned.memory);
}

static uint64_t hash_of(struct text key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.bytes; i++)
        hash = (hash ^ (unsigned char)key.ptr[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void memory_map_init(struct memory_map *map)
{
    *map = (struct memory_map){0};
}

void memory_map_release(struct memory_map *map, void (*free_value)(void *value))
{
    for (size_t i = 0; i < map->bucket_count; i++) {
        while (map->buckets[i]) {
            struct memory_map_node *const node = map->buckets[i];
            map->buckets[i] = node->next;
            if (free_value)
                free_value(node->value);
            free(node);
        }
    }
    free(map->buckets);
    memory_map_init(map);
}

void *memory_map_get(const struct memory_map *map, struct text key)
{
    if (map->count == 0)
        return NULL;
    const uint64_t hash = hash_of(key);
    for (struct memory_map_node *node = map->buckets[hash % map->bucket_count]; node;
         node = node->next) {
        if (node->hash == hash && text_equal(node->key, key))
            return node->value;
    }
    return NULL;
}

static void node_link(struct memory_map *map, struct memory_map_node *node)
{
    struct memory_map_node **const bucket = &map->buckets[node->hash % map->bucket_count];
    node->next = *bucket;
    *bucket = node;
}

static void map_grow(struct memory_map *map)
{
    struct memory_map old = *map;
    map->bucket_count = old.bucket_count ? old.bucket_count * 2 : FIRST_BUCKET_COUNT;
    map->buckets = memory_alloc(map->bucket_count * sizeof(struct memory_map_node *));
    for (size_t i = 0; i < old.bucket_count; i++) {
        while (old.buckets[i]) {
            struct memory_map_node *const node = old.buckets[i];
            old.buckets[i] = node->next;
            node_link(map, node);
        }
    }
    free(old.buckets);
}

void memory_map_put(struct memory_map *map, struct text key, void *value)
{
    if (map->count == map->bucket_count)
        map_grow(map);
    struct memory_map_node *const node = memory_alloc(sizeof *node);
    *node = (struct memory_map_node){.key = key, .hash = hash_of(key), .value = value};
    node_link(map, node);
    map->count++;
}
