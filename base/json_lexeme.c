/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings and numbers of a JSON text. Plain bytes are passed eight at a time; everything else
 * one character at a time. Nothing is copied.
 */
#include <endian.h>
#include <string.h>

#include "base/json_scan.h"

/* cJSON copies a number into 64 bytes before it converts it. */
#define NUMBER_BYTES_MAX 60

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The top bit of some byte is set if one of the eight is zero. */
static uint64_t has_zero(uint64_t word)
{
    return (word - EVERY_BYTE(1)) & ~word & EVERY_BYTE(0x80);
}

/*
 * How many of eight bytes, from the first, are printable ASCII but neither '"' nor '\\'. A test
 * may raise false bits above a true one, never below: so the lowest bit of all is right.
 */
static unsigned plain_of_eight(const char *ptr)
{
    uint64_t word = 0;
    memcpy(&word, ptr, sizeof word);
    word = le64toh(word);
    const uint64_t control = (word - EVERY_BYTE(0x20)) & ~word & EVERY_BYTE(0x80);
    const uint64_t special = (word & EVERY_BYTE(0x80)) | control |
                             has_zero(word ^ EVERY_BYTE('"')) | has_zero(word ^ EVERY_BYTE('\\'));
    return special ? (unsigned)__builtin_ctzll(special) / 8 : 8;
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

size_t json_plain_bytes(const char *ptr, size_t bytes)
{
    size_t at = 0;
    while (bytes - at >= 8) {
        const unsigned plain = plain_of_eight(ptr + at);
        at += plain;
        if (plain < 8)
            return at;
    }
    while (at < bytes && is_plain(ptr[at]))
        at++;
    return at;
}

size_t json_wide_bytes(const char *ptr, size_t bytes)
{
    size_t at = 0;
    while (at < bytes && (unsigned char)ptr[at] >= 0x80) {
        const size_t step = utf8_char_bytes(ptr + at, bytes - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}

/* The value of four hexadecimal digits, -1 if they are not. */
static int hex4(const char *ptr, size_t bytes)
{
    int value = 0;
    if (bytes < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const char c = ptr[i];
        int digit = 0;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* scan->at stands on the backslash of \u. */
static bool scan_unicode_escape(struct json_scan *scan)
{
    const char *const p = scan->text.ptr + scan->at;
    const size_t left = scan->text.bytes - scan->at;
    const int first = hex4(p + 2, left - 2);
    if (first < 0)
        return json_scan_fail(scan, scan->at, ERR_PARSE, "four hexadecimal digits must follow \\u");
    if (first == 0)
        return json_scan_fail(scan, scan->at, ERR_PARSE, "\\u0000 is not allowed in text");
    if (first < 0xd800 || first > 0xdfff) {
        scan->at += 6;
        return true;
    }
    const bool follows = left >= 12 && p[6] == '\\' && p[7] == 'u';
    const int second = follows ? hex4(p + 8, left - 8) : -1;
    if (first > 0xdbff || second < 0xdc00 || second > 0xdfff) {
        return json_scan_fail(
            scan, scan->at, ERR_PARSE, "half of a surrogate pair (\\u%04x) stands alone",
            (unsigned)first);
    }
    scan->at += 12;
    return true;
}

static bool is_one_of(char c, const char *bytes)
{
    return c && strchr(bytes, c);
}

static bool scan_escape(struct json_scan *scan)
{
    if (scan->text.bytes - scan->at < 2)
        return json_scan_fail(scan, scan->at, ERR_PARSE, "the text ends within a string");
    const char c = scan->text.ptr[scan->at + 1];
    if (c == 'u')
        return scan_unicode_escape(scan);
    if (!is_one_of(c, "\"\\/bfnrt")) {
        return json_scan_fail(
            scan, scan->at, ERR_PARSE,
            "an escape that JSON does not know; write \\\\ for a backslash");
    }
    scan->at += 2;
    return true;
}

static bool fail_not_utf8(struct json_scan *scan)
{
    return json_scan_fail(
        scan, scan->at, ERR_PARSE, "byte 0x%02x is not UTF-8; save the text as UTF-8",
        (unsigned)(unsigned char)scan->text.ptr[scan->at]);
}

static bool fail_control(struct json_scan *scan, char c)
{
    if (c == '\n' || c == '\r') {
        return json_scan_fail(
            scan, scan->at, ERR_PARSE, "the line ends within a string; close it or write \\n");
    }
    return json_scan_fail(
        scan, scan->at, ERR_PARSE, "a control character in a string; write \\u%04x",
        (unsigned)(unsigned char)c);
}

/* Up to the closing quote. */
static bool scan_string_bytes(struct json_scan *scan, size_t quote_at, bool *ret_escaped)
{
    const char *const text = scan->text.ptr;
    const size_t end = scan->text.bytes;
    bool escaped = false;
    for (;;) { /* ends: every round reads at least one byte */
        scan->at += json_plain_bytes(text + scan->at, end - scan->at);
        if (scan->at == end)
            return json_scan_fail(scan, quote_at, ERR_PARSE, "this string has no end");
        const char c = text[scan->at];
        if (c == '"')
            break;
        if ((unsigned char)c < 0x20)
            return fail_control(scan, c);
        const size_t wide = json_wide_bytes(text + scan->at, end - scan->at);
        scan->at += wide;
        if (wide)
            continue;
        if (c != '\\')
            return fail_not_utf8(scan);
        if (!scan_escape(scan))
            return false;
        escaped = true;
    }
    *ret_escaped = escaped;
    return true;
}

bool json_scan_string(struct json_scan *scan, struct json_literal *ret_literal)
{
    const size_t quote_at = scan->at++;
    bool escaped = false;
    if (!scan_string_bytes(scan, quote_at, &escaped))
        return false;
    *ret_literal =
        (struct json_literal){.at = quote_at, .bytes = scan->at - quote_at - 1, .escaped = escaped};
    scan->at++;
    return true;
}

static size_t skip_digits(struct json_scan *scan)
{
    const size_t start = scan->at;
    while (scan->at < scan->text.bytes && scan->text.ptr[scan->at] >= '0' &&
           scan->text.ptr[scan->at] <= '9')
        scan->at++;
    return scan->at - start;
}

/* True when the present byte is one of the given; then it is passed. */
static bool skip_one_of(struct json_scan *scan, const char *bytes)
{
    if (scan->at == scan->text.bytes || !is_one_of(scan->text.ptr[scan->at], bytes))
        return false;
    scan->at++;
    return true;
}

bool json_scan_number(struct json_scan *scan)
{
    const size_t start = scan->at;
    (void)skip_one_of(scan, "-");
    const bool zero = skip_one_of(scan, "0");
    if (skip_digits(scan) > 0 ? zero : !zero) {
        return json_scan_fail(
            scan, start, ERR_PARSE,
            zero ? "a number may not begin with 0" : "a digit must follow '-'");
    }
    if (skip_one_of(scan, ".") && skip_digits(scan) == 0)
        return json_scan_fail(scan, scan->at, ERR_PARSE, "a digit must follow the '.'");
    if (skip_one_of(scan, "eE")) {
        (void)skip_one_of(scan, "+-");
        if (skip_digits(scan) == 0) {
            return json_scan_fail(
                scan, scan->at, ERR_PARSE, "a digit must follow the exponent's e");
        }
    }
    if (scan->at - start > NUMBER_BYTES_MAX) {
        return json_scan_fail(
            scan, start, ERR_RANGE, "a number of more than %d characters", NUMBER_BYTES_MAX);
    }
    return true;
}
