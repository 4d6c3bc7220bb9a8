/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cJSON adapter. The strict scan (json_scan.h) runs first, so cJSON only ever sees text
 * that is right; it recurses, but no deeper than the limits allow. A document is one block of
 * memory: our copy of the text, then cJSON's nodes and strings, bump-allocated through its
 * hooks and freed together. Never use cJSON_Compare or cJSON_Utils: both are quadratic and
 * recurse.
 */
#include "base/json.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/json_places.h"
#include "base/json_scan.h"
#include "base/must.h"

#define WHOLE_MAX           9007199254740992.0 /* 2^53 */
#define PLACES_INLINE       512
#define ALIGN_BYTES         sizeof(void *)
#define BYTES_PER_VALUE_MAX (sizeof(cJSON) + 2 * ALIGN_BYTES)

const struct json_limits json_limits_event = {
    .bytes_max = UINT32_C(64) * 1024, .depth_max = 16, .values_max = 4096};
const struct json_limits json_limits_config = {
    .bytes_max = UINT32_C(16) * 1024 * 1024, .depth_max = 32, .values_max = 2000000};
const struct json_limits json_limits_answer = {
    .bytes_max = UINT32_C(256) * 1024, .depth_max = 32, .values_max = 65536};

struct json_doc {
    cJSON *root;
    struct text text;           /* our copy, at the beginning of the block */
    struct json_places *places; /* in the block; filled by the first who asks for a place */
    char *free_from;            /* bump allocation goes from here ... */
    char *free_to;              /* ... to here */
    _Alignas(max_align_t) char block[];
};

/* ---- cJSON's memory ---- */

/* The document that is being parsed in this thread: cJSON's hooks have no argument for it. */
static _Thread_local struct json_doc *doc_in_hand;

static void *hook_alloc(size_t bytes)
{
    struct json_doc *const doc = doc_in_hand;
    const size_t rounded = (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
    if (!doc || rounded < bytes || rounded > (size_t)(doc->free_to - doc->free_from))
        return NULL;
    void *const object = doc->free_from;
    doc->free_from += rounded;
    return object;
}

static void hook_free(void *object)
{
    (void)object; /* goes with its document */
}

static void hooks_set(void)
{
    cJSON_Hooks hooks = {.malloc_fn = hook_alloc, .free_fn = hook_free};
    cJSON_InitHooks(&hooks);
}

/*
 * Room for the copy and for all that cJSON asks for: a node per value, and for each string (at
 * most a key and a text per value) its raw length plus two, which the quotes in the text pay
 * for, plus the rounding.
 */
static struct json_doc *doc_create(struct text text, size_t value_count)
{
    const size_t copy_bytes = (text.bytes + ALIGN_BYTES) / ALIGN_BYTES * ALIGN_BYTES;
    const size_t tree_bytes = value_count * BYTES_PER_VALUE_MAX + text.bytes;
    const size_t places_bytes = sizeof(struct json_places);
    struct json_doc *const doc = malloc(sizeof *doc + places_bytes + copy_bytes + tree_bytes);
    if (!doc)
        return NULL;
    doc->places = (struct json_places *)(void *)doc->block;
    *doc->places = (struct json_places){0};
    char *const copy = doc->block + places_bytes;
    memcpy(copy, text.ptr, text.bytes);
    copy[text.bytes] = '\0';
    doc->text = (struct text){.ptr = copy, .bytes = text.bytes};
    doc->free_from = copy + copy_bytes;
    doc->free_to = doc->free_from + tree_bytes;
    doc->root = NULL;
    return doc;
}

void json_free(struct json_doc *doc)
{
    if (doc)
        json_places_release(doc->places);
    free(doc);
}

/* ---- parsing ---- */

static enum err fail_at(struct err_why *why, struct text text, const struct json_scan *scan)
{
    size_t line = 1;
    size_t column = 1;
    json_scan_place(text, scan->error_at, &line, &column);
    return err_set(why, scan->error, "%zu:%zu: %s", line, column, scan->what);
}

static cJSON *tree_parse(struct json_doc *doc)
{
    static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&hooks_once, hooks_set);
    doc_in_hand = doc;
    cJSON *const root = cJSON_ParseWithLengthOpts(doc->text.ptr, doc->text.bytes, NULL, 0);
    doc_in_hand = NULL;
    return root;
}

/* The parents of the present node, on a walk without recursion. */
struct walk {
    cJSON *parents[JSON_DEPTH_MAX];
    size_t depth;
};

/* The node after this one in pre-order, NULL at the end. */
static cJSON *walk_next(struct walk *walk, cJSON *node)
{
    if (node->child) {
        MUST(walk->depth < JSON_DEPTH_MAX);
        walk->parents[walk->depth++] = node;
        return node->child;
    }
    while (!node->next && walk->depth > 0)
        node = walk->parents[--walk->depth];
    return node->next;
}

/*
 * Give every node its place, in the order in which the scan met them. It goes into valueint,
 * which cJSON fills for numbers but nothing here reads. Numbers too large for a double are
 * found on the way. False with an error in scan.
 */
static bool tree_note_places(cJSON *root, struct json_scan *scan)
{
    struct walk walk;
    size_t index = 0;
    walk.depth = 0;
    for (cJSON *node = root; node; node = walk_next(&walk, node)) {
        if (index == scan->value_count)
            return json_scan_fail(scan, 0, ERR_PARSE, "cannot be read as one tree");
        const size_t at = scan->places[index++];
        node->valueint = (int)at;
        if (cJSON_IsNumber(node) && !isfinite(node->valuedouble))
            return json_scan_fail(scan, at, ERR_RANGE, "this number is too large");
    }
    return index == scan->value_count ||
           json_scan_fail(scan, 0, ERR_PARSE, "cannot be read as one tree");
}

static enum err doc_parse(
    struct text text, struct json_scan *scan, struct json_doc **ret_doc, struct err_why *why)
{
    struct json_doc *const doc = doc_create(text, scan->value_count);
    if (!doc) {
        return err_set(
            why, ERR_NO_MEMORY, "out of memory for a JSON text of %zu bytes", text.bytes);
    }
    doc->root = tree_parse(doc);
    if (!doc->root)
        (void)json_scan_fail(scan, 0, ERR_PARSE, "cannot be read as JSON");
    if (!doc->root || !tree_note_places(doc->root, scan)) {
        json_free(doc);
        return fail_at(why, text, scan);
    }
    *ret_doc = doc;
    return ERR_OK;
}

enum err json_parse(
    struct text text,
    const struct json_limits *limits,
    struct json_doc **ret_doc,
    struct err_why *why)
{
    struct json_scan scan;
    uint32_t inline_places[PLACES_INLINE];
    uint32_t *places = inline_places;
    if (text.bytes == 0)
        return err_set(why, ERR_PARSE, "1:1: the text is empty; expected a value");
    /* The shortest value and what parts it from the next take two bytes. */
    size_t place_count = text.bytes / 2 + 1;
    if (place_count > limits->values_max)
        place_count = limits->values_max;
    if (place_count > PLACES_INLINE && text.bytes <= limits->bytes_max)
        places = malloc(place_count * sizeof *places);
    if (!places) {
        return err_set(
            why, ERR_NO_MEMORY, "out of memory for a JSON text of %zu bytes", text.bytes);
    }
    const enum err err = json_scan_text(&scan, text, limits, places)
                             ? doc_parse(text, &scan, ret_doc, why)
                             : fail_at(why, text, &scan);
    if (places != inline_places)
        free(places);
    return err;
}

/* ---- reading ---- */

/* struct json_value is a cJSON under a name that others may know. */
static const cJSON *node_of(const struct json_value *value)
{
    return (const cJSON *)(const void *)value;
}

static const struct json_value *value_of(const cJSON *node)
{
    return (const struct json_value *)(const void *)node;
}

const struct json_value *json_root(const struct json_doc *doc)
{
    return doc ? value_of(doc->root) : NULL;
}

enum json_type json_type(const struct json_value *value)
{
    const cJSON *const node = node_of(value);
    switch (node ? node->type & 0xff : cJSON_NULL) {
    case cJSON_True:
    case cJSON_False:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_NULL;
    }
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[JSON_TYPE_COUNT] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "boolean", [JSON_NUMBER] = "number",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object",
    };
    MUST(type < JSON_TYPE_COUNT);
    return names[type];
}

bool json_is_true(const struct json_value *value)
{
    return cJSON_IsTrue(node_of(value));
}

struct text json_string(const struct json_value *value)
{
    return text_of(cJSON_IsString(node_of(value)) ? node_of(value)->valuestring : NULL);
}

double json_number(const struct json_value *value)
{
    return cJSON_IsNumber(node_of(value)) ? node_of(value)->valuedouble : 0;
}

enum err json_i64(const struct json_value *value, int64_t *ret_number)
{
    const double number = json_number(value);
    if (json_type(value) != JSON_NUMBER || fabs(number) > WHOLE_MAX || trunc(number) != number)
        return ERR_PARSE;
    *ret_number = (int64_t)number;
    return ERR_OK;
}

const struct json_value *json_first(const struct json_value *value)
{
    return value ? value_of(node_of(value)->child) : NULL;
}

const struct json_value *json_next(const struct json_value *value)
{
    return value ? value_of(node_of(value)->next) : NULL;
}

struct text json_key(const struct json_value *value)
{
    return text_of(value ? node_of(value)->string : NULL);
}

size_t json_count(const struct json_value *value)
{
    size_t count = 0;
    for (const struct json_value *item = json_first(value); item; item = json_next(item))
        count++;
    return count;
}

const struct json_value *json_get(const struct json_value *object, const char *key)
{
    if (json_type(object) != JSON_OBJECT)
        return NULL;
    const cJSON *node = node_of(object)->child;
    while (node && strcmp(node->string, key) != 0)
        node = node->next;
    return value_of(node);
}

struct text json_get_string(const struct json_value *object, const char *key)
{
    return json_string(json_get(object, key));
}

void json_place(
    const struct json_doc *doc,
    const struct json_value *value,
    size_t *ret_line,
    size_t *ret_column)
{
    const size_t at = value ? (size_t)node_of(value)->valueint : 0;
    json_places_find(doc->places, doc->text, at, ret_line, ret_column);
}

/* The nearest quote before a place; there is one. */
static size_t quote_before(const char *text, size_t at)
{
    do {
        at--;
    } while (text[at] != '"');
    return at;
}

static bool is_escaped(const char *text, size_t at)
{
    size_t backslashes = 0;
    while (text[at - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

/* Back over the colon to the key's closing quote, then to the first quote that is no part of
 * the key. A bracket, comma or space stands before that one, so the look back stays inside. */
static size_t key_at(const char *text, size_t value_at)
{
    size_t at = quote_before(text, value_at);
    do {
        at = quote_before(text, at);
    } while (is_escaped(text, at));
    return at;
}

void json_key_place(
    const struct json_doc *doc,
    const struct json_value *value,
    size_t *ret_line,
    size_t *ret_column)
{
    size_t at = value ? (size_t)node_of(value)->valueint : 0;
    if (value && node_of(value)->string)
        at = key_at(doc->text.ptr, at);
    json_places_find(doc->places, doc->text, at, ret_line, ret_column);
}
