/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as text: hexadecimal, base64, base32, percent-encoding. What is decoded is held to one
 * spelling per value, and a failed decoding leaves the buffer's bytes as they were.
 */
#include <string.h>

#include "base/crypto.h"

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
#define PADDING 64U /* the place of '=' behind base64's digits */
static const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";

void crypto_hex(struct buf *buf, const uint8_t *bytes, size_t byte_count)
{
    for (size_t i = 0; i < byte_count; i++) {
        buf_char(buf, hex_lower[bytes[i] >> 4]);
        buf_char(buf, hex_lower[bytes[i] & 15]);
    }
}

void crypto_base64(struct buf *buf, const uint8_t *bytes, size_t byte_count)
{
    for (size_t at = 0; at < byte_count; at += 3) {
        const size_t left = byte_count - at;
        const uint32_t group = (uint32_t)bytes[at] << 16 |
                               (left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0) |
                               (left > 2 ? bytes[at + 2] : 0);
        const char four[4] = {
            base64_digits[group >> 18],
            base64_digits[group >> 12 & 63],
            base64_digits[left > 1 ? group >> 6 & 63 : PADDING],
            base64_digits[left > 2 ? group & 63 : PADDING],
        };
        buf_add(buf, four, sizeof four);
    }
}

void crypto_base32(struct buf *buf, const uint8_t *bytes, size_t byte_count)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    for (size_t i = 0; i < byte_count; i++) {
        bits = (bits << 8 | bytes[i]) & 0xfff;
        for (bit_count += 8; bit_count >= 5; bit_count -= 5)
            buf_char(buf, base32_digits[bits >> (bit_count - 5) & 31]);
    }
    if (bit_count)
        buf_char(buf, base32_digits[bits << (5 - bit_count) & 31]);
}

static int base64_value(char c)
{
    const char *const found = c ? strchr(base64_digits, c) : NULL;
    return found && *found != '=' ? (int)(found - base64_digits) : -1;
}

/* Four characters with padding at the end only; false when they are no base64. */
static bool base64_group(const char *four, bool last, struct buf *buf)
{
    uint32_t group = 0;
    int digits = 0;
    while (digits < 4 && !(last && digits >= 2 && four[digits] == '=')) {
        const int value = base64_value(four[digits]);
        if (value < 0)
            return false;
        group = group << 6 | (uint32_t)value;
        digits++;
    }
    if (digits == 2 && four[3] != '=')
        return false;
    const int bytes = digits - 1;
    group <<= 6 * (4 - digits);
    if (group & ((1U << (8 * (3 - bytes))) - 1))
        return false; /* bits that no encoder sets: a second spelling of the same bytes */
    for (int i = 0; i < bytes; i++)
        buf_char(buf, (char)(group >> (16 - 8 * i) & 255));
    return true;
}

enum err crypto_base64_decode(struct text text, struct buf *buf)
{
    const size_t start = buf->bytes;
    if (text.bytes % 4)
        return ERR_PARSE;
    for (size_t at = 0; at < text.bytes; at += 4) {
        if (!base64_group(text.ptr + at, /* last= */ at + 4 == text.bytes, buf)) {
            buf_cut(buf, start);
            return ERR_PARSE;
        }
    }
    return buf_error(buf);
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

void crypto_url_encode(struct buf *buf, struct text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char byte = (unsigned char)text.ptr[i];
        if (is_unreserved(text.ptr[i])) {
            buf_char(buf, text.ptr[i]);
            continue;
        }
        const char escape[3] = {'%', hex_upper[byte >> 4], hex_upper[byte & 15]};
        buf_add(buf, escape, sizeof escape);
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that the escape at `at` stands for, -1 when it is broken. */
static int escaped_byte(struct text text, size_t at)
{
    if (text.bytes - at < 3)
        return -1;
    const int high = hex_value(text.ptr[at + 1]);
    const int low = hex_value(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

enum err crypto_url_decode(struct buf *buf, struct text text, bool plus)
{
    const size_t start = buf->bytes;
    for (size_t at = 0; at < text.bytes; at++) {
        int byte = (unsigned char)text.ptr[at];
        if (byte == '%') {
            byte = escaped_byte(text, at);
            at += 2;
        } else if (byte == '+' && plus) {
            byte = ' ';
        }
        if (byte <= 0) {
            buf_cut(buf, start);
            return ERR_PARSE;
        }
        buf_char(buf, (char)byte);
    }
    return buf_error(buf);
}
