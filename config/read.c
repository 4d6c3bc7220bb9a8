/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table-driven part of reading: files, paths, objects, lists. Single values are in
 * config/read_value.c. Every complaint goes through reader_error(), so all have the same form.
 */
#include "config/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "config/describe.h"

#define MESSAGE_BYTES 448
#define FIELDS_MAX    64

static void reader_add(
    struct reader *reader,
    enum finding_level level,
    const struct json_value *value,
    const char *message)
{
    size_t line = 0;
    size_t column = 0;
    if (reader->describer) {
        return; /* there is no value to be wrong */
    }
    if (value && !report_full(reader->report)) {
        json_place(reader->doc, value, &line, &column);
    }
    report_add(reader->report, level, reader->file, line, column, reader->path, "%s", message);
}

void reader_error(struct reader *reader, const struct json_value *value, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    reader_add(reader, FINDING_ERROR, value, message);
}

void reader_warning(struct reader *reader, const struct json_value *value, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    reader_add(reader, FINDING_WARNING, value, message);
}

static bool take_number(struct text *rest, char end, size_t *ret_number)
{
    int64_t number = 0;
    const char *stop = rest->bytes > 0 ? memchr(rest->ptr, end, rest->bytes) : NULL;
    if (!stop) {
        return false;
    }
    const struct text digits = {rest->ptr, (size_t)(stop - rest->ptr)};
    if (text_parse_i64(digits, &number) != ERR_OK || number < 1) {
        return false;
    }
    rest->ptr += digits.bytes + 1;
    rest->bytes -= digits.bytes + 1;
    *ret_number = (size_t)number;
    return true;
}

/* json_parse says "line:column: what"; the place goes where places go. */
static void report_parse_error(struct reader *reader, const char *why)
{
    struct text rest = text_of(why);
    size_t line = 0;
    size_t column = 0;
    if (!take_number(&rest, ':', &line) || !take_number(&rest, ':', &column)) {
        line = 0;
        rest = text_of(why);
    }
    while (rest.bytes > 0 && rest.ptr[0] == ' ') {
        rest.ptr++;
        rest.bytes--;
    }
    report_add(
        reader->report, FINDING_ERROR, reader->file, line, column, "", "not JSON: %.*s",
        TEXT_ARGS(rest));
}

bool reader_open(struct reader *reader, const struct source *source, const struct reading *reading)
{
    *reader = (struct reader){
        .report = reading->report,
        .arena = reading->arena,
        .known = &reading->known,
        .file = source->file,
        .errors_before = reading->report->error_count,
    };
    struct err_why why = {0};
    if (json_parse(source->json, &json_limits_config, &reader->doc, &why) != ERR_OK) {
        reader->doc = NULL;
        report_parse_error(reader, why.text);
        return false;
    }
    return true;
}

bool reader_close(struct reader *reader)
{
    json_free(reader->doc);
    reader->doc = NULL;
    return reader->report->error_count == reader->errors_before;
}

static void path_add(struct reader *reader, const char *bytes, size_t byte_count)
{
    /* A path too long to show is cut, never refused: it is only there for the reader's eye. */
    const size_t room = READ_PATH_BYTES - 1 - reader->path_bytes;
    const size_t count = byte_count < room ? byte_count : room;
    if (count > 0) {
        memcpy(reader->path + reader->path_bytes, bytes, count);
    }
    reader->path_bytes += count;
    reader->path[reader->path_bytes] = '\0';
}

size_t reader_enter_key(struct reader *reader, struct text key)
{
    const size_t mark = reader->path_bytes;
    const struct text shown = utf8_cut(key, READ_ID_BYTES_MAX);
    if (mark > 0) {
        path_add(reader, ".", 1);
    }
    path_add(reader, shown.ptr, shown.bytes);
    return mark;
}

size_t reader_enter_index(struct reader *reader, size_t index)
{
    const size_t mark = reader->path_bytes;
    char text[32];
    const int bytes = snprintf(text, sizeof text, "[%zu]", index);
    path_add(reader, text, (size_t)bytes);
    return mark;
}

size_t reader_enter_every(struct reader *reader)
{
    const size_t mark = reader->path_bytes;
    path_add(reader, "[]", 2);
    return mark;
}

void reader_leave(struct reader *reader, size_t mark)
{
    MUST(mark <= reader->path_bytes);
    reader->path_bytes = mark;
    reader->path[mark] = '\0';
}

/* At the key, where the eye looks for it. */
static void report_key(
    struct reader *reader, const struct json_value *member, struct text key, const char *hint)
{
    char message[MESSAGE_BYTES];
    size_t line = 0;
    size_t column = 0;
    if (!report_full(reader->report)) {
        json_key_place(reader->doc, member, &line, &column);
    }
    (void)snprintf(message, sizeof message, "unknown key \"%.*s\"%s", TEXT_ARGS(key), hint);
    report_add(
        reader->report, FINDING_ERROR, reader->file, line, column, reader->path, "%s", message);
}

static void unknown_key(
    struct reader *reader,
    const struct json_value *member,
    const struct field *fields,
    size_t field_count)
{
    struct nearest nearest;
    char hint[READ_HINT_BYTES];
    const struct text key = utf8_cut(json_key(member), READ_ID_BYTES_MAX);
    nearest_among(&nearest, reader, key);
    for (size_t i = 0; i < field_count && nearest_goes_on(&nearest); i++) {
        nearest_try(&nearest, text_of(fields[i].key));
    }
    nearest_try(&nearest, TEXT_LITERAL("note"));
    report_key(reader, member, key, nearest_hint(&nearest, hint));
}

static bool is_remark(const struct reader *reader, const struct json_value *member)
{
    const struct text key = json_key(member);
    if (text_is(key, "note") || (reader->titles && text_is(key, "title"))) {
        return true;
    }
    return reader->path_bytes == 0 && text_is(key, "$schema");
}

static void read_member(
    struct reader *reader, const struct json_value *member, const struct field *field, void *target)
{
    if ((field->flags & FIELD_NULLABLE) && json_type(member) == JSON_NULL) {
        return;
    }
    const size_t mark = reader_enter_key(reader, json_key(member));
    field->read(reader, member, (char *)target + field->offset);
    reader_leave(reader, mark);
}

static size_t field_of(const struct field *fields, size_t field_count, struct text key)
{
    size_t i = 0;
    while (i < field_count && !text_is(key, fields[i].key)) {
        i++;
    }
    return i;
}

bool reader_remark(struct reader *reader, const struct json_value *member)
{
    if (!is_remark(reader, member)) {
        return false;
    }
    const size_t mark = reader_enter_key(reader, json_key(member));
    (void)read_is(reader, member, JSON_STRING, "a string");
    reader_leave(reader, mark);
    return true;
}

bool read_object(
    struct reader *reader,
    const struct json_value *value,
    const struct field *fields,
    size_t field_count,
    void *target)
{
    MUST(field_count <= FIELDS_MAX);
    if (describe_object(reader, fields, field_count, target)) {
        return false;
    }
    if (!read_is(reader, value, JSON_OBJECT, "an object {...}")) {
        return false;
    }
    bool seen[FIELDS_MAX] = {false};
    for (const struct json_value *member = json_first(value); member; member = json_next(member)) {
        const size_t i = field_of(fields, field_count, json_key(member));
        if (i < field_count) {
            seen[i] = true;
            read_member(reader, member, &fields[i], target);
        } else if (!reader_remark(reader, member)) {
            unknown_key(reader, member, fields, field_count);
        }
    }
    for (size_t i = 0; i < field_count; i++) {
        if ((fields[i].flags & FIELD_REQUIRED) && !seen[i]) {
            reader_error(reader, value, "missing key \"%s\"", fields[i].key);
        }
    }
    return true;
}

void *read_list(
    struct reader *reader,
    const struct json_value *value,
    const struct read_items *items,
    size_t *ret_count)
{
    *ret_count = 0;
    if (describe_list(reader, items)) {
        return NULL;
    }
    if (!read_is(reader, value, JSON_ARRAY, items->what) || json_count(value) == 0) {
        return NULL;
    }
    char *array = arena_array(reader->arena, json_count(value), items->item_bytes);
    if (!array) {
        reader_error(reader, value, "out of memory");
        return NULL;
    }
    size_t count = 0;
    for (const struct json_value *item = json_first(value); item; item = json_next(item)) {
        const size_t mark = reader_enter_index(reader, count);
        reader->item_count++;
        items->read(reader, item, array + count * items->item_bytes);
        reader_leave(reader, mark);
        count++;
    }
    *ret_count = count;
    return array;
}
