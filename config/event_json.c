/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CloudEvents JSON to struct event. Every refusal is one line for the producer: the attribute,
 * what is wrong, what it must be. Costs one pass; the memory taken is bounded by the limits on
 * size, depth, values and path length.
 */
#include "config/event_json.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/must.h"

#define NAME_BYTES_MAX 512 /* of id and source */
#define KIND_BYTES_MAX 64
#define PATH_BYTES_MAX 256

/* Control characters: C0, DEL and, as UTF-8 writes them, C1. */
static bool has_control(struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        const bool c1 = c == 0xC2 && i + 1 < text.bytes && (unsigned char)text.ptr[i + 1] < 0xA0;
        if (c < 0x20 || c == 0x7F || c1) {
            return true;
        }
    }
    return false;
}

/* A member that must be a string of 1..bytes_max bytes without control characters. */
static enum err string_member(
    const struct json_value *event,
    const char *key,
    size_t bytes_max,
    struct text *ret_text,
    struct err_why *why)
{
    const struct json_value *value = json_get(event, key);
    if (!value) {
        return err_set(why, ERR_PARSE, "%s: missing; CloudEvents needs it", key);
    }
    const struct text text = json_string(value);
    if (json_type(value) != JSON_STRING || text.bytes == 0) {
        return err_set(why, ERR_PARSE, "%s: must be a string that is not empty", key);
    }
    if (text.bytes > bytes_max) {
        return err_set(
            why, ERR_PARSE, "%s: %zu bytes; at most %zu are taken", key, text.bytes, bytes_max);
    }
    if (has_control(text)) {
        return err_set(why, ERR_PARSE, "%s: control characters are not allowed", key);
    }
    *ret_text = text;
    return ERR_OK;
}

static enum err read_subject(
    const struct json_value *event, struct text *ret_subject, struct err_why *why)
{
    if (!json_get(event, "subject")) {
        return err_set(why, ERR_PARSE, "subject: missing; it must be the case id");
    }
    struct text subject = {0};
    const enum err err = string_member(event, "subject", EVENT_SUBJECT_BYTES_MAX, &subject, why);
    if (err != ERR_OK) {
        return err;
    }
    for (size_t i = 0; i < subject.bytes; i++) {
        if (strchr("/?#\\", subject.ptr[i])) {
            return err_set(
                why, ERR_PARSE, "subject: '%c' is not allowed in a case id", subject.ptr[i]);
        }
    }
    if (text_is(subject, ".") || text_is(subject, "..")) { /* no address leads to these */
        return err_set(why, ERR_PARSE, "subject: a case id is more than dots");
    }
    *ret_subject = subject;
    return ERR_OK;
}

static enum err read_kind(
    const struct json_value *event, struct text *ret_kind, struct err_why *why)
{
    const struct text prefix = TEXT_LITERAL("case.");
    struct text type = {0};
    const enum err err = string_member(event, "type", KIND_BYTES_MAX + sizeof "case.", &type, why);
    if (err != ERR_OK) {
        return err;
    }
    if (!text_starts_with(type, prefix) || type.bytes == prefix.bytes) {
        return err_set(
            why, ERR_PARSE, "type: must be \"case.\" and a kind, such as \"case.received\"");
    }
    *ret_kind = (struct text){type.ptr + prefix.bytes, type.bytes - prefix.bytes};
    return ERR_OK;
}

static enum err read_instant(
    const struct json_value *event, const char *key, struct wall_ms *ret_at, struct err_why *why)
{
    const struct text text = json_get_string(event, key);
    const enum err err = wall_parse(text.bytes > 0 ? text.ptr : "", text.bytes, ret_at);
    if (err != ERR_OK) {
        return err_set(
            why, err,
            "%s: must be an RFC 3339 time with an offset between 1970 and 9999, "
            "such as \"2026-02-13T10:00:00+08:00\"",
            key);
    }
    return ERR_OK;
}

static enum err read_times(
    const struct json_value *value,
    struct wall_ms default_arrived,
    struct event *event,
    struct err_why *why)
{
    if (!json_get(value, "time")) {
        return err_set(why, ERR_PARSE, "time: missing; it must say when this happened");
    }
    enum err err = read_instant(value, "time", &event->time, why);
    if (err != ERR_OK) {
        return err;
    }
    event->arrived = default_arrived.ms < 0 ? event->time : default_arrived;
    if (json_get(value, "arrived")) {
        err = read_instant(value, "arrived", &event->arrived, why);
    }
    return err;
}

static enum err check_envelope(const struct json_value *value, struct err_why *why)
{
    if (json_type(value) != JSON_OBJECT) {
        return err_set(why, ERR_PARSE, "an event must be one JSON object");
    }
    const struct json_value *version = json_get(value, "specversion");
    if (!version) {
        return err_set(why, ERR_PARSE, "specversion: missing; it must be \"1.0\"");
    }
    if (!text_is(json_string(version), "1.0")) {
        return err_set(why, ERR_PARSE, "specversion: must be \"1.0\"");
    }
    if (json_get(value, "data_base64")) {
        return err_set(why, ERR_PARSE, "data_base64: not taken; send \"data\" as a JSON object");
    }
    const enum json_type data = json_type(json_get(value, "data"));
    if (data != JSON_OBJECT && data != JSON_NULL) {
        return err_set(why, ERR_PARSE, "data: must be a JSON object");
    }
    return ERR_OK;
}

/* ---- data as dotted attributes ---- */

struct flat {
    struct arena *arena;
    struct attribute *attributes;
    size_t count;
    char path[PATH_BYTES_MAX];
    size_t path_bytes;
};

/* A list of strings alone is one attribute: co_units, copy_to. An empty list says nothing. */
static bool is_list_of_texts(const struct json_value *value)
{
    if (json_type(value) != JSON_ARRAY || !json_first(value)) {
        return false;
    }
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        if (json_type(item) != JSON_STRING) {
            return false;
        }
    }
    return true;
}

/* How many attributes are below; depth is bounded by the parser (json_limits_event). */
/* NOLINTNEXTLINE(misc-no-recursion) */
static size_t count_scalars(const struct json_value *value)
{
    const enum json_type type = json_type(value);
    if (is_list_of_texts(value)) {
        return 1;
    }
    if (type != JSON_OBJECT && type != JSON_ARRAY) {
        return type == JSON_NULL ? 0 : 1;
    }
    size_t count = 0;
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        count += count_scalars(child);
    }
    return count;
}

/* The items joined by ','. */
static struct text list_text(struct arena *arena, const struct json_value *list)
{
    size_t bytes = 0;
    for (const struct json_value *item = json_first(list); item; item = json_next(item)) {
        bytes += json_string(item).bytes + 1;
    }
    char *joined = arena_alloc(arena, bytes);
    char *end = joined;
    for (const struct json_value *item = json_first(list); joined && item; item = json_next(item)) {
        const struct text text = json_string(item);
        if (item != json_first(list)) {
            *end++ = ',';
        }
        if (text.bytes > 0) {
            memcpy(end, text.ptr, text.bytes);
        }
        end += text.bytes;
    }
    return (struct text){.ptr = joined, .bytes = joined ? (size_t)(end - joined) : 0};
}

static struct text scalar_text(struct arena *arena, const struct json_value *value)
{
    if (json_type(value) == JSON_ARRAY) {
        return list_text(arena, value);
    }
    if (json_type(value) == JSON_STRING) {
        return arena_text(arena, json_string(value));
    }
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 64);
    json_out_init(&out, &buf);
    json_out_value(&out, value);
    const struct text text =
        buf_error(&buf) == ERR_OK ? arena_text(arena, buf_view(&buf)) : (struct text){0};
    buf_release(&buf);
    return text;
}

static enum err flat_scalar(struct flat *flat, const struct json_value *value)
{
    struct attribute *attribute = &flat->attributes[flat->count];
    attribute->path = arena_text(flat->arena, (struct text){flat->path, flat->path_bytes});
    attribute->value = scalar_text(flat->arena, value);
    if (!attribute->path.ptr || !attribute->value.ptr) {
        return ERR_NO_MEMORY;
    }
    flat->count++;
    return ERR_OK;
}

/* The path grows by a key or an index; ERR_RANGE when it gets too long to be kept per value. */
static enum err flat_enter(struct flat *flat, struct text name)
{
    const size_t dot = flat->path_bytes > 0 ? 1 : 0;
    if (flat->path_bytes + dot + name.bytes > PATH_BYTES_MAX) {
        return ERR_RANGE;
    }
    if (dot) {
        flat->path[flat->path_bytes++] = '.';
    }
    if (name.bytes > 0) {
        memcpy(flat->path + flat->path_bytes, name.ptr, name.bytes);
    }
    flat->path_bytes += name.bytes;
    return ERR_OK;
}

static enum err flat_value(struct flat *flat, const struct json_value *value);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the parser lets a document be */
static enum err flat_children(struct flat *flat, const struct json_value *value)
{
    const bool is_array = json_type(value) == JSON_ARRAY;
    size_t index = 0;
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        const size_t mark = flat->path_bytes;
        char digits[24];
        const int digit_count = snprintf(digits, sizeof digits, "%zu", index++);
        const struct text name =
            is_array ? (struct text){digits, (size_t)digit_count} : json_key(child);
        enum err err = flat_enter(flat, name);
        if (err == ERR_OK) {
            err = flat_value(flat, child);
        }
        if (err != ERR_OK) {
            return err;
        }
        flat->path_bytes = mark;
    }
    return ERR_OK;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static enum err flat_value(struct flat *flat, const struct json_value *value)
{
    const enum json_type type = json_type(value);
    if (type == JSON_OBJECT || (type == JSON_ARRAY && !is_list_of_texts(value))) {
        return flat_children(flat, value);
    }
    return type == JSON_NULL ? ERR_OK : flat_scalar(flat, value);
}

static enum err read_data(
    const struct json_value *data, struct arena *arena, struct event *event, struct err_why *why)
{
    const size_t scalar_count = count_scalars(data);
    if (scalar_count == 0) {
        return ERR_OK;
    }
    struct flat flat = {.arena = arena};
    flat.attributes = arena_array(arena, scalar_count, sizeof *flat.attributes);
    if (!flat.attributes) {
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    const enum err err = flat_value(&flat, data);
    if (err == ERR_RANGE) {
        return err_set(
            why, ERR_RANGE, "data: the path of a value is longer than %d bytes", PATH_BYTES_MAX);
    }
    if (err != ERR_OK) {
        return err_set(why, err, "out of memory");
    }
    MUST(flat.count == scalar_count);
    event->attributes = flat.attributes;
    event->attribute_count = flat.count;
    return ERR_OK;
}

/* ---- the whole event ---- */

static enum err keep_names(struct event *event, struct arena *arena, struct err_why *why)
{
    struct text *const names[] = {&event->source, &event->id, &event->subject, &event->kind_name};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *names[i] = arena_text(arena, *names[i]);
        if (!names[i]->ptr) {
            return err_set(why, ERR_NO_MEMORY, "out of memory");
        }
    }
    return ERR_OK;
}

enum err event_read_value(
    const struct json_value *value,
    struct wall_ms default_arrived,
    struct arena *arena,
    struct event *ret_event,
    struct err_why *why)
{
    struct event event = {0};
    enum err err = check_envelope(value, why);
    if (err == ERR_OK) {
        err = string_member(value, "id", NAME_BYTES_MAX, &event.id, why);
    }
    if (err == ERR_OK) {
        err = string_member(value, "source", NAME_BYTES_MAX, &event.source, why);
    }
    if (err == ERR_OK) {
        err = read_kind(value, &event.kind_name, why);
    }
    if (err == ERR_OK) {
        err = read_subject(value, &event.subject, why);
    }
    if (err == ERR_OK) {
        err = read_times(value, default_arrived, &event, why);
    }
    if (err == ERR_OK) {
        err = read_data(json_get(value, "data"), arena, &event, why);
    }
    if (err == ERR_OK) {
        err = keep_names(&event, arena, why);
    }
    if (err == ERR_OK) {
        event.kind = event_kind_of(event.kind_name);
        *ret_event = event;
    }
    return err;
}

enum err event_read(
    struct text json,
    struct wall_ms default_arrived,
    struct arena *arena,
    struct event *ret_event,
    struct err_why *why)
{
    if (json.bytes > EVENT_BYTES_MAX) {
        return err_set(
            why, ERR_RANGE, "too large: %zu bytes; an event is at most %zu", json.bytes,
            EVENT_BYTES_MAX);
    }
    struct json_doc *doc = NULL;
    struct err_why parse_why = {0};
    const enum err parsed = json_parse(json, &json_limits_event, &doc, &parse_why);
    if (parsed != ERR_OK) {
        return err_set(why, parsed, "not usable JSON: %s", parse_why.text);
    }
    const enum err err = event_read_value(json_root(doc), default_arrived, arena, ret_event, why);
    json_free(doc);
    return err;
}
