/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No object may have one key twice: programs differ on which of the two counts, and attackers
 * know. Keys are compared without their escapes ("a" is "\u0061"). Few keys are compared each
 * with each by hash; many are sorted, so that an object of n keys costs O(n log n) whatever
 * they are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"

#define PAIRWISE_MAX 16

void json_keys_init(struct json_keys *keys)
{
    keys->items = keys->inline_items;
    keys->count = 0;
    keys->capacity = JSON_KEYS_INLINE;
    keys->plain = NULL;
    keys->plain_bytes = 0;
}

void json_keys_release(struct json_keys *keys)
{
    if (keys->items != keys->inline_items)
        free(keys->items);
    free(keys->plain);
}

static bool keys_grow(struct json_keys *keys)
{
    const bool is_inline = keys->items == keys->inline_items;
    const size_t capacity = keys->capacity * 2;
    struct json_key_seen *const items =
        realloc(is_inline ? NULL : keys->items, capacity * sizeof *items);
    if (!items)
        return false;
    if (is_inline)
        memcpy(items, keys->inline_items, sizeof keys->inline_items);
    keys->items = items;
    keys->capacity = capacity;
    return true;
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

static unsigned hex4(const char *p)
{
    return hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 | hex_digit(p[2]) << 4 | hex_digit(p[3]);
}

static size_t put_utf8(char *to, unsigned point)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    const size_t count = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--, point >>= 6)
        to[i] = (char)(0x80 | (point & 0x3f));
    to[0] = (char)((0xf00u >> count & 0xf0u) | point);
    return count;
}

/* Undo one escape that was found correct; returns the bytes read and adds those written. */
static size_t undo_escape(const char *from, char *to, size_t *written)
{
    static const char names[] = "bfnrt\"\\/";
    static const char meant[] = "\b\f\n\r\t\"\\/";
    if (from[1] != 'u') {
        const char *const name = memchr(names, from[1], sizeof names);
        to[(*written)++] = meant[name - names];
        return 2;
    }
    unsigned point = hex4(from + 2);
    const bool pair = point >= 0xd800 && point <= 0xdbff;
    if (pair)
        point = 0x10000 + ((point - 0xd800) << 10) + (hex4(from + 8) - 0xdc00);
    *written += put_utf8(to + *written, point);
    return pair ? 12 : 6;
}

/* The key without escapes; ptr NULL when memory is out. No escape is shorter than its meaning. */
static struct text plain_key(struct json_scan *scan, struct json_literal literal)
{
    struct json_keys *const keys = &scan->keys;
    const char *const raw = scan->text.ptr + literal.at + 1;
    if (!literal.escaped)
        return (struct text){.ptr = raw, .bytes = literal.bytes};
    if (!keys->plain)
        keys->plain = malloc(scan->text.bytes);
    if (!keys->plain)
        return (struct text){0};
    char *const to = keys->plain + keys->plain_bytes;
    size_t written = 0;
    for (size_t at = 0; at < literal.bytes;) {
        if (raw[at] == '\\') {
            at += undo_escape(raw + at, to, &written);
        } else {
            to[written++] = raw[at++];
        }
    }
    keys->plain_bytes += written;
    return (struct text){.ptr = to, .bytes = written};
}

/* Eight bytes at a time, folded with a multiplication: spread only, no secret. */
static uint64_t hash_of(struct text text)
{
    const uint64_t factor = UINT64_C(0x9fb21c651e98df25);
    uint64_t hash = factor ^ text.bytes;
    size_t at = 0;
    for (; text.bytes - at >= 8; at += 8) {
        uint64_t word = 0;
        memcpy(&word, text.ptr + at, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 29;
    }
    uint64_t tail = 0;
    if (at < text.bytes)
        memcpy(&tail, text.ptr + at, text.bytes - at);
    hash = (hash ^ tail) * factor;
    return hash ^ hash >> 32;
}

bool json_keys_add(struct json_scan *scan, struct json_literal literal)
{
    struct json_keys *const keys = &scan->keys;
    const struct text plain = plain_key(scan, literal);
    if (!plain.ptr || (keys->count == keys->capacity && !keys_grow(keys)))
        return json_scan_fail(scan, literal.at, ERR_NO_MEMORY, "out of memory");
    keys->items[keys->count++] = (struct json_key_seen){
        .hash = hash_of(plain),
        .ptr = plain.ptr,
        .bytes = (uint32_t)plain.bytes,
        .at = (uint32_t)literal.at,
    };
    return true;
}

static int key_order(const struct json_key_seen *a, const struct json_key_seen *b)
{
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    const struct text left = {.ptr = a->ptr, .bytes = a->bytes};
    return text_compare(left, (struct text){.ptr = b->ptr, .bytes = b->bytes});
}

/* For qsort: equal keys are left in the order in which they stand. */
static int key_order_sorting(const void *a, const void *b)
{
    const struct json_key_seen *const left = a;
    const struct json_key_seen *const right = b;
    const int order = key_order(left, right);
    return order ? order : (left->at < right->at ? -1 : left->at > right->at);
}

static bool fail_twice(struct json_scan *scan, const struct json_key_seen keys[2])
{
    const bool in_order = keys[0].at < keys[1].at;
    const struct json_key_seen *const first = &keys[in_order ? 0 : 1];
    const struct json_key_seen *const second = &keys[in_order ? 1 : 0];
    const struct text shown = utf8_cut((struct text){.ptr = first->ptr, .bytes = first->bytes}, 60);
    size_t line = 0;
    size_t column = 0;
    json_scan_place(scan->text, first->at, &line, &column);
    return json_scan_fail(
        scan, second->at, ERR_PARSE,
        "the key \"%.*s\" stands twice in this object (first at %zu:%zu)", TEXT_ARGS(shown), line,
        column);
}

static bool check_pairwise(struct json_scan *scan, const struct json_key_seen *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (keys[i].hash == keys[j].hash && key_order(&keys[i], &keys[j]) == 0)
                return fail_twice(scan, (struct json_key_seen[2]){keys[j], keys[i]});
        }
    }
    return true;
}

/* Of several keys that stand twice, the one whose repetition comes first is named. */
static bool check_sorted(struct json_scan *scan, struct json_key_seen *keys, size_t count)
{
    size_t found = 0;
    qsort(keys, count, sizeof *keys, key_order_sorting);
    for (size_t i = 1; i < count; i++) {
        if (key_order(&keys[i - 1], &keys[i]) == 0 && (!found || keys[i].at < keys[found].at))
            found = i;
    }
    return !found || fail_twice(scan, &keys[found - 1]);
}

bool json_keys_close(struct json_scan *scan, size_t key_start)
{
    struct json_key_seen *const keys = scan->keys.items + key_start;
    const size_t count = scan->keys.count - key_start;
    scan->keys.count = key_start;
    return count <= PAIRWISE_MAX ? check_pairwise(scan, keys, count)
                                 : check_sorted(scan, keys, count);
}
