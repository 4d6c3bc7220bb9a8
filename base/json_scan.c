/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of a JSON text: values, members, brackets, limits. A loop over an explicit
 * stack; strings and numbers are scanned in json_lexeme.c, keys compared in json_keys.c.
 */
#include "base/json_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/must.h"

bool json_scan_fail(struct json_scan *scan, size_t at, enum err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(scan->what, sizeof scan->what, format, args);
    va_end(args);
    scan->error = err;
    scan->error_at = at;
    return false;
}

void json_scan_place(struct text text, size_t at, size_t *ret_line, size_t *ret_column)
{
    size_t line = 1;
    size_t line_start = 0;
    MUST(at <= text.bytes);
    for (;;) { /* ends: every round passes a newline */
        const char *const from = text.ptr + line_start;
        const char *const newline = at > line_start ? memchr(from, '\n', at - line_start) : NULL;
        if (!newline)
            break;
        line_start = (size_t)(newline - text.ptr) + 1;
        line++;
    }
    size_t column = 1;
    for (size_t i = line_start; i < at; i++)
        column += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    *ret_line = line;
    *ret_column = column;
}

/* The byte at the present place, NUL at the end (a NUL within the text is an error anyway). */
static char peek(const struct json_scan *scan)
{
    if (scan->at == scan->text.bytes)
        return '\0';
    return scan->text.ptr[scan->at];
}

static void skip_space(struct json_scan *scan)
{
    while (scan->at < scan->text.bytes) {
        const char c = scan->text.ptr[scan->at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return;
        scan->at++;
    }
}

/* Something else stands where `expected` should: say both, and what people usually meant. */
static bool fail_expected(struct json_scan *scan, const char *expected)
{
    const char c = peek(scan);
    if (scan->at == scan->text.bytes)
        return json_scan_fail(scan, scan->at, ERR_PARSE, "the text ends; expected %s", expected);
    if (c == '/' || c == '#') {
        return json_scan_fail(
            scan, scan->at, ERR_PARSE, "expected %s; JSON has no comments, use a \"note\" member",
            expected);
    }
    if (c == '\'') {
        return json_scan_fail(
            scan, scan->at, ERR_PARSE, "expected %s; strings stand in double quotes", expected);
    }
    return json_scan_fail(scan, scan->at, ERR_PARSE, "expected %s", expected);
}

static bool scan_word(struct json_scan *scan, const char *word)
{
    const size_t bytes = strlen(word);
    const struct text rest = {
        .ptr = scan->text.ptr + scan->at, .bytes = scan->text.bytes - scan->at};
    if (!text_starts_with(rest, (struct text){.ptr = word, .bytes = bytes}))
        return fail_expected(scan, "a value (true, false and null are written so)");
    scan->at += bytes;
    return true;
}

static bool scan_key(struct json_scan *scan)
{
    struct json_literal key;
    skip_space(scan);
    if (peek(scan) != '"')
        return fail_expected(scan, "a key in double quotes");
    if (!json_scan_string(scan, &key) || !json_keys_add(scan, key))
        return false;
    skip_space(scan);
    if (peek(scan) != ':')
        return fail_expected(scan, "':' after a key");
    scan->at++;
    return true;
}

/* Behind an opening bracket. An empty container is complete at once, as a scalar is. */
static bool scan_open(struct json_scan *scan, char close, bool *ret_complete)
{
    if (scan->depth == scan->limits->depth_max) {
        return json_scan_fail(
            scan, scan->at, ERR_FULL, "nested deeper than %zu levels", scan->limits->depth_max);
    }
    scan->at++;
    skip_space(scan);
    if (peek(scan) == close) {
        scan->at++;
        *ret_complete = true;
        return true;
    }
    scan->frames[scan->depth++] =
        (struct json_frame){.close = close, .key_start = scan->keys.count};
    *ret_complete = false;
    return close != '}' || scan_key(scan);
}

/* One value, or as much of it as its opening bracket and its first key. */
static bool scan_value(struct json_scan *scan, bool *ret_complete)
{
    struct json_literal literal;
    skip_space(scan);
    if (scan->value_count == scan->limits->values_max) {
        return json_scan_fail(
            scan, scan->at, ERR_FULL, "more than %zu values", scan->limits->values_max);
    }
    scan->places[scan->value_count++] = (uint32_t)scan->at;
    *ret_complete = true;
    switch (peek(scan)) {
    case '"':
        return json_scan_string(scan, &literal);
    case '{':
        return scan_open(scan, '}', ret_complete);
    case '[':
        return scan_open(scan, ']', ret_complete);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    case 'n':
        return scan_word(scan, "null");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return json_scan_number(scan);
    default:
        return fail_expected(scan, "a value");
    }
}

/* After a comma in the innermost container: up to where the next value begins. */
static bool scan_comma(struct json_scan *scan, const struct json_frame *frame)
{
    const size_t comma_at = scan->at++;
    skip_space(scan);
    if (peek(scan) == frame->close) {
        return json_scan_fail(
            scan, comma_at, ERR_PARSE, "no comma may stand before '%c'", frame->close);
    }
    return frame->close != '}' || scan_key(scan);
}

/* After a complete value: close what ends here. True with *ret_end at the end of the document. */
static bool scan_after_value(struct json_scan *scan, bool *ret_end)
{
    *ret_end = false;
    while (scan->depth > 0) {
        const struct json_frame *const frame = &scan->frames[scan->depth - 1];
        skip_space(scan);
        if (peek(scan) == ',')
            return scan_comma(scan, frame);
        if (peek(scan) != frame->close) {
            return fail_expected(
                scan,
                frame->close == '}' ? "',' or '}' after a member" : "',' or ']' after an item");
        }
        if (frame->close == '}' && !json_keys_close(scan, frame->key_start))
            return false;
        scan->at++;
        scan->depth--;
    }
    skip_space(scan);
    *ret_end = true;
    if (scan->at < scan->text.bytes) {
        return json_scan_fail(
            scan, scan->at, ERR_PARSE, "nothing may follow the end of the document");
    }
    return true;
}

static bool scan_document(struct json_scan *scan)
{
    bool end = false;
    while (!end) { /* ends: every round reads at least one byte */
        bool complete = false;
        if (!scan_value(scan, &complete))
            return false;
        if (complete && !scan_after_value(scan, &end))
            return false;
    }
    return true;
}

bool json_scan_text(
    struct json_scan *scan, struct text text, const struct json_limits *limits, uint32_t *places)
{
    MUST(limits->depth_max <= JSON_DEPTH_MAX && limits->bytes_max <= INT32_MAX);
    /* Field by field: the arrays need no clearing, and events are many. */
    scan->text = text;
    scan->at = 0;
    scan->limits = limits;
    scan->places = places;
    scan->value_count = 0;
    scan->depth = 0;
    scan->error = ERR_OK;
    scan->error_at = 0;
    scan->what[0] = '\0';
    if (text.bytes > limits->bytes_max) {
        return json_scan_fail(
            scan, 0, ERR_FULL, "%zu bytes; at most %zu are read", text.bytes, limits->bytes_max);
    }
    if (text_starts_with(text, TEXT_LITERAL("\xef\xbb\xbf"))) {
        return json_scan_fail(
            scan, 0, ERR_PARSE, "begins with a byte-order mark; save it as UTF-8 without one");
    }
    json_keys_init(&scan->keys);
    const bool held = scan_document(scan);
    json_keys_release(&scan->keys);
    return held;
}
