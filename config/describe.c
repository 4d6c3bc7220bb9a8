/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the shapes. Each shape is an object opened by shape_open(): words, type, what was asked
 * for beforehand; then the members of its kind. Bounded by the readers' own tables, never by
 * anything from outside.
 */
#include "config/describe.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"

static void problem(struct reader *reader, const char *what)
{
    buf_format(reader->describer->problems, "%s: %s\n", reader->path, what);
}

/* ---- values.json ---- */

static const struct json_value *find_value(struct reader *reader, const char *name, size_t *ret_at)
{
    size_t at = 0;
    const struct json_value *value = json_first(reader->describer->values);
    for (; value && !text_is(json_key(value), name); value = json_next(value)) {
        at++;
    }
    MUST(at < DESCRIBE_VALUES_MAX);
    *ret_at = at;
    if (!value) {
        char what[128];
        (void)snprintf(what, sizeof what, "values.json has no \"%s\"", name);
        problem(reader, what);
    }
    return value;
}

/* ---- head and foot of the file ---- */

/* NOLINTNEXTLINE(misc-no-recursion): as deep as our own values.json */
static bool mark_references(struct reader *reader, const struct json_value *value)
{
    const struct text prefix = TEXT_LITERAL("#/$defs/");
    const struct text text = json_string(value);
    bool more = false;
    if (text_starts_with(text, prefix)) {
        size_t at = 0;
        bool *used = reader->describer->used;
        if (find_value(reader, text.ptr + prefix.bytes, &at) && !used[at]) {
            used[at] = true;
            more = true;
        }
    }
    for (const struct json_value *child = json_first(value); child; child = json_next(child)) {
        more = mark_references(reader, child) || more;
    }
    return more;
}

static void copy_members(struct reader *reader, const char *name)
{
    struct json_out *out = reader->describer->out;
    size_t at = 0;
    const struct json_value *value = find_value(reader, name, &at);
    (void)mark_references(reader, value);
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        json_out_key(out, json_key(member).ptr);
        json_out_value(out, member);
    }
}

/* Until nothing new is met: each round marks at least one value or is the last. */
static void mark_all(struct reader *reader)
{
    bool more = true;
    while (more) {
        size_t at = 0;
        more = false;
        for (const struct json_value *value = json_first(reader->describer->values); value;
             value = json_next(value)) {
            more = (reader->describer->used[at++] && mark_references(reader, value)) || more;
        }
    }
}

static void write_definitions(struct reader *reader)
{
    struct json_out *out = reader->describer->out;
    size_t at = 0;
    mark_all(reader);
    json_out_key(out, "$defs");
    json_out_open(out, '{');
    for (const struct json_value *value = json_first(reader->describer->values); value;
         value = json_next(value)) {
        if (reader->describer->used[at++]) {
            json_out_key(out, json_key(value).ptr);
            json_out_value(out, value);
        }
    }
    json_out_close(out, '}');
}

static void write_head(struct reader *reader)
{
    struct json_out *out = reader->describer->out;
    char id[64];
    (void)snprintf(id, sizeof id, "urn:nrt:schema:%s", reader->describer->kind);
    json_out_member(out, "$schema", TEXT_LITERAL("https://json-schema.org/draft/2020-12/schema"));
    json_out_member(out, "$id", text_of(id));
    json_out_member(out, "title", text_of(reader->describer->title));
}

/* ---- one shape ---- */

/* The path of a key, the items of lists as "[]": what words.json calls it. */
static void write_words(struct reader *reader)
{
    struct describer *describer = reader->describer;
    const struct json_value *words = json_first(describer->words);
    size_t at = 0;
    for (; words && !text_is(json_key(words), reader->path); words = json_next(words)) {
        at++;
    }
    MUST(at < DESCRIBE_WORDS_MAX);
    const bool is_item = reader->path_bytes > 0 && reader->path[reader->path_bytes - 1] == ']';
    if (words) {
        describer->worded[at] = true;
        json_out_member(describer->out, "description", json_string(words));
    } else if (!is_item) {
        problem(reader, "words.json has no words for it");
    }
}

/* False when the value in hand has a shape already: its reader reads it twice. */
static bool shape_open(struct reader *reader, const char *type)
{
    struct describer *describer = reader->describer;
    if (describer->said++ > 0) {
        problem(reader, "is described twice; its reader needs describe_value() first");
        return false;
    }
    json_out_open(describer->out, '{');
    if (describer->depth++ == 0) {
        write_head(reader);
    }
    if (!describer->wordless) {
        write_words(reader);
    }
    describer->wordless = false;
    if (type) {
        json_out_member(describer->out, "type", text_of(type));
    }
    for (size_t i = 0; i < describer->also_count; i++) {
        copy_members(reader, describer->also[i]);
    }
    describer->also_count = 0;
    return true;
}

static void shape_close(struct reader *reader)
{
    if (--reader->describer->depth == 0) {
        write_definitions(reader);
    }
    json_out_close(reader->describer->out, '}');
}

static void describe_by(struct reader *reader, read_fn *read, void *target)
{
    struct describer *describer = reader->describer;
    const size_t outside = describer->said;
    describer->said = 0;
    read(reader, NULL, target);
    if (describer->said == 0) {
        problem(reader, "its reader does not say what it takes; see config/describe.h");
        json_out_raw(describer->out, TEXT_LITERAL("{}"));
    }
    describer->said = outside;
}

/* ---- shapes of single values ---- */

bool describe_value(struct reader *reader, const char *name)
{
    size_t at = 0;
    char reference[96];
    if (!reader->describer) {
        return false;
    }
    if (find_value(reader, name, &at)) {
        reader->describer->used[at] = true;
    }
    if (shape_open(reader, NULL)) {
        (void)snprintf(reference, sizeof reference, "#/$defs/%s", name);
        json_out_member(reader->describer->out, "$ref", text_of(reference));
        shape_close(reader);
    }
    return true;
}

void describe_also(struct reader *reader, const char *name)
{
    struct describer *describer = reader->describer;
    if (describer) {
        MUST(describer->also_count < DESCRIBE_ALSO_MAX);
        describer->also[describer->also_count++] = name;
    }
}

bool describe_type(struct reader *reader, enum json_type type)
{
    if (!reader->describer) {
        return false;
    }
    if (shape_open(reader, json_type_name(type))) {
        shape_close(reader);
    }
    return true;
}

bool describe_choice(struct reader *reader, const char *const *words, size_t word_count)
{
    if (!reader->describer) {
        return false;
    }
    struct json_out *out = reader->describer->out;
    if (shape_open(reader, NULL)) {
        json_out_key(out, "enum");
        json_out_open(out, '[');
        for (size_t i = 0; i < word_count; i++) {
            json_out_string(out, text_of(words[i]));
        }
        json_out_close(out, ']');
        shape_close(reader);
    }
    return true;
}

bool describe_either(
    struct reader *reader, read_fn *const *readers, size_t reader_count, void *target)
{
    if (!reader->describer) {
        return false;
    }
    struct json_out *out = reader->describer->out;
    if (shape_open(reader, NULL)) {
        json_out_key(out, "anyOf");
        json_out_open(out, '[');
        for (size_t i = 0; i < reader_count; i++) {
            reader->describer->wordless = true;
            describe_by(reader, readers[i], target);
        }
        json_out_close(out, ']');
        shape_close(reader);
    }
    return true;
}

/* ---- lists and objects ---- */

bool describe_list(struct reader *reader, const struct read_items *items)
{
    if (!reader->describer) {
        return false;
    }
    void *item = arena_array(reader->arena, 1, items->item_bytes);
    if (item && shape_open(reader, "array")) {
        const size_t mark = reader_enter_every(reader);
        json_out_key(reader->describer->out, "items");
        describe_by(reader, items->read, item);
        reader_leave(reader, mark);
        shape_close(reader);
    }
    return true;
}

/* What every object may have beside its own keys: see reader_remark(). */
static void write_remarks(struct reader *reader, const struct field *fields, size_t field_count)
{
    static const char *const remarks[] = {"note", "title", "$schema"};
    const bool allowed[] = {true, reader->titles, reader->path_bytes == 0};
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++) {
        size_t own = 0;
        while (own < field_count && strcmp(fields[own].key, remarks[i]) != 0) {
            own++;
        }
        if (allowed[i] && own == field_count) {
            json_out_key(reader->describer->out, remarks[i]);
            json_out_raw(reader->describer->out, TEXT_LITERAL("{\"$ref\":\"#/$defs/remark\"}"));
        }
    }
    size_t at = 0;
    if (find_value(reader, "remark", &at)) {
        reader->describer->used[at] = true;
    }
}

/* null is as good as absent. */
static void nullable(struct reader *reader, const struct field *field, void *target)
{
    struct json_out *out = reader->describer->out;
    reader->describer->said = 0;
    (void)shape_open(reader, NULL);
    json_out_key(out, "anyOf");
    json_out_open(out, '[');
    reader->describer->wordless = true;
    describe_by(reader, field->read, target);
    json_out_raw(out, TEXT_LITERAL("{\"type\":\"null\"}"));
    json_out_close(out, ']');
    shape_close(reader);
}

static void describe_member(struct reader *reader, const struct field *field, void *object)
{
    void *target = (char *)object + field->offset;
    const size_t mark = reader_enter_key(reader, text_of(field->key));
    json_out_key(reader->describer->out, field->key);
    if (field->flags & FIELD_NULLABLE) {
        nullable(reader, field, target);
    } else {
        describe_by(reader, field->read, target);
    }
    reader_leave(reader, mark);
}

static void write_required(struct reader *reader, const struct field *fields, size_t field_count)
{
    struct json_out *out = reader->describer->out;
    bool any = false;
    for (size_t i = 0; i < field_count; i++) {
        if (!(fields[i].flags & FIELD_REQUIRED)) {
            continue;
        }
        if (!any) {
            json_out_key(out, "required");
            json_out_open(out, '[');
        }
        any = true;
        json_out_string(out, text_of(fields[i].key));
    }
    if (any) {
        json_out_close(out, ']');
    }
}

bool describe_object(
    struct reader *reader, const struct field *fields, size_t field_count, void *target)
{
    if (!reader->describer) {
        return false;
    }
    struct json_out *out = reader->describer->out;
    const size_t said = reader->describer->said + 1;
    if (!shape_open(reader, "object")) {
        return true;
    }
    json_out_key(out, "properties");
    json_out_open(out, '{');
    for (size_t i = 0; i < field_count; i++) {
        if (!(fields[i].flags & FIELD_HIDDEN)) {
            describe_member(reader, &fields[i], target);
        }
    }
    write_remarks(reader, fields, field_count);
    json_out_close(out, '}');
    write_required(reader, fields, field_count);
    json_out_key(out, "additionalProperties");
    json_out_bool(out, false);
    shape_close(reader);
    reader->describer->said = said;
    return true;
}

bool describe_map(struct reader *reader, const char *key_name, read_fn *member, void *target)
{
    if (!reader->describer) {
        return false;
    }
    struct json_out *out = reader->describer->out;
    const size_t said = reader->describer->said + 1;
    if (!shape_open(reader, "object")) {
        return true;
    }
    json_out_key(out, "properties");
    json_out_open(out, '{');
    write_remarks(reader, NULL, 0);
    json_out_close(out, '}');
    json_out_key(out, "propertyNames");
    json_out_open(out, '{');
    copy_members(reader, key_name);
    json_out_close(out, '}');
    const size_t mark = reader_enter_key(reader, TEXT_LITERAL("*"));
    json_out_key(out, "additionalProperties");
    describe_by(reader, member, target);
    reader_leave(reader, mark);
    shape_close(reader);
    reader->describer->said = said;
    return true;
}

/* ---- a whole file ---- */

void describe_file(struct reader *reader, read_fn *read, void *target)
{
    describe_by(reader, read, target);
}
