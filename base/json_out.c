/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON writer: appends to a buffer, keeps the commas, escapes. It does not watch over the
 * nesting of brackets; its callers' tests do. Copying a parsed value does not recurse.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/must.h"

#define WHOLE_MAX 9007199254740992.0 /* 2^53 */

void json_out_init(struct json_out *out, struct buf *buf)
{
    *out = (struct json_out){.buf = buf};
}

/* Before each value: a comma if one stands before it at this level. */
static void begin_value(struct json_out *out)
{
    if (out->comma)
        buf_char(out->buf, ',');
    out->comma = true;
}

void json_out_open(struct json_out *out, char bracket)
{
    MUST(bracket == '{' || bracket == '[');
    begin_value(out);
    buf_char(out->buf, bracket);
    out->comma = false;
}

void json_out_close(struct json_out *out, char bracket)
{
    MUST(bracket == '}' || bracket == ']');
    buf_char(out->buf, bracket);
    out->comma = true;
}

static void add_escape(struct buf *buf, unsigned char byte)
{
    static const char named[] = "\"\\\b\f\n\r\t";
    static const char letter[] = "\"\\bfnrt";
    const char *const found = strchr(named, byte);
    if (found) {
        buf_char(buf, '\\');
        buf_char(buf, letter[found - named]);
    } else {
        buf_format(buf, "\\u%04x", (unsigned)byte);
    }
}

/* Bytes from the start that can stand in a string literal as they are. */
static size_t literal_bytes(struct text text)
{
    size_t at = 0;
    for (;;) { /* ends: at the end or where neither kind goes on */
        at += json_plain_bytes(text.ptr + at, text.bytes - at);
        const size_t wide = json_wide_bytes(text.ptr + at, text.bytes - at);
        if (wide == 0)
            return at;
        at += wide;
    }
}

static void add_quoted(struct buf *buf, struct text text)
{
    buf_char(buf, '"');
    while (text.bytes) {
        const size_t run = literal_bytes(text);
        buf_add(buf, text.ptr, run);
        text = (struct text){.ptr = text.ptr + run, .bytes = text.bytes - run};
        if (text.bytes == 0)
            break;
        const unsigned char byte = (unsigned char)text.ptr[0];
        if (byte != 0 && byte < 0x80) {
            add_escape(buf, byte);
        } else {
            /* U+FFFD for a byte that is no UTF-8, and for NUL, which our reader refuses: what we
             * write, a reject's first bytes too, must be readable. */
            buf_string(buf, "\xef\xbf\xbd");
        }
        text = (struct text){.ptr = text.ptr + 1, .bytes = text.bytes - 1};
    }
    buf_char(buf, '"');
}

void json_out_key(struct json_out *out, const char *key)
{
    begin_value(out);
    add_quoted(out->buf, text_of(key));
    buf_char(out->buf, ':');
    out->comma = false; /* its value follows without one */
}

void json_out_string(struct json_out *out, struct text text)
{
    begin_value(out);
    add_quoted(out->buf, text);
}

void json_out_i64(struct json_out *out, int64_t number)
{
    char digits[24];
    const int bytes = snprintf(digits, sizeof digits, "%" PRId64, number);
    begin_value(out);
    buf_add(out->buf, digits, (size_t)bytes);
}

void json_out_double(struct json_out *out, double number)
{
    char digits[32];
    if (!isfinite(number)) {
        json_out_null(out); /* JSON has no infinity */
        return;
    }
    if (trunc(number) == number && fabs(number) <= WHOLE_MAX) {
        json_out_i64(out, (int64_t)number);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) { /* 17 always come back the same */
        (void)snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    begin_value(out);
    buf_string(out->buf, digits);
}

void json_out_bool(struct json_out *out, bool value)
{
    begin_value(out);
    buf_string(out->buf, value ? "true" : "false");
}

void json_out_null(struct json_out *out)
{
    begin_value(out);
    buf_string(out->buf, "null");
}

void json_out_raw(struct json_out *out, struct text json)
{
    begin_value(out);
    buf_text(out->buf, json);
}

void json_out_member(struct json_out *out, const char *key, struct text text)
{
    json_out_key(out, key);
    json_out_string(out, text);
}

void json_out_member_i64(struct json_out *out, const char *key, int64_t number)
{
    json_out_key(out, key);
    json_out_i64(out, number);
}

/* A scalar, or the opening bracket of a container. */
static void begin_copy(struct json_out *out, const struct json_value *value)
{
    switch (json_type(value)) {
    case JSON_NULL:
        json_out_null(out);
        break;
    case JSON_BOOL:
        json_out_bool(out, json_is_true(value));
        break;
    case JSON_NUMBER:
        json_out_double(out, json_number(value));
        break;
    case JSON_STRING:
        json_out_string(out, json_string(value));
        break;
    case JSON_ARRAY:
        json_out_open(out, '[');
        break;
    case JSON_OBJECT:
        json_out_open(out, '{');
        break;
    case JSON_TYPE_COUNT:
        break;
    }
}

static void end_copy(struct json_out *out, const struct json_value *value)
{
    if (json_type(value) == JSON_ARRAY)
        json_out_close(out, ']');
    if (json_type(value) == JSON_OBJECT)
        json_out_close(out, '}');
}

/* The containers that are open while a value is copied. */
struct copy {
    const struct json_value *parents[JSON_DEPTH_MAX];
    size_t depth;
};

/* Close what ends with this value; returns the one to copy next, NULL at the end. */
static const struct json_value *copy_next(
    struct json_out *out, struct copy *copy, const struct json_value *value)
{
    const struct json_value *const child = json_first(value);
    if (child) {
        MUST(copy->depth < JSON_DEPTH_MAX);
        copy->parents[copy->depth++] = value;
        return child;
    }
    end_copy(out, value);
    while (copy->depth > 0 && !json_next(value)) {
        value = copy->parents[--copy->depth];
        end_copy(out, value);
    }
    return copy->depth > 0 ? json_next(value) : NULL;
}

void json_out_value(struct json_out *out, const struct json_value *value)
{
    struct copy copy;
    copy.depth = 0;
    begin_copy(out, value);
    while ((value = copy_next(out, &copy, value))) { /* ends: a walk over a tree */
        if (json_type(copy.parents[copy.depth - 1]) == JSON_OBJECT)
            json_out_key(out, json_key(value).ptr);
        begin_copy(out, value);
    }
}
