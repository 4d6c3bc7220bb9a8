/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mobile number in running text stands between characters that are no digits: case numbers and
 * document numbers, which are longer or begin otherwise, are left alone.
 */
#include "config/mask.h"

#include <string.h>

#include "config/link_token.h"

#define HIDDEN_CHARS  4
#define ENDING_CHARS  4
#define MOBILE_DIGITS 11
#define COUNTRY_CHARS 2

void mask_number(struct text number, struct buf *buf)
{
    const bool shows_start = number.bytes >= MOBILE_DIGITS;
    const bool shows_end = number.bytes >= HIDDEN_CHARS + ENDING_CHARS;
    const size_t end = shows_end ? ENDING_CHARS : 0;
    const size_t start = shows_start ? number.bytes - HIDDEN_CHARS - end : 0;
    buf_add(buf, number.ptr, start);
    for (size_t i = start; i < number.bytes - end; i++) {
        buf_char(buf, '*');
    }
    buf_add(buf, number.ptr + number.bytes - end, end);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from the beginning on, one blank or hyphen between two of them left out. */
struct piece {
    char digits[MOBILE_DIGITS + COUNTRY_CHARS];
    size_t count;
    size_t bytes; /* up to the last digit taken */
};

static bool piece_grow(struct piece *piece, struct text text)
{
    size_t at = piece->bytes;
    const bool parted = at > 0 && at < text.bytes && strchr("- ", text.ptr[at]);
    at += parted;
    if (at >= text.bytes || !is_digit(text.ptr[at]) || piece->count == sizeof piece->digits) {
        return false;
    }
    piece->digits[piece->count++] = text.ptr[at];
    piece->bytes = at + 1;
    return true;
}

static bool is_mobile(const struct piece *piece)
{
    const bool country =
        piece->count > COUNTRY_CHARS && piece->digits[0] == '8' && piece->digits[1] == '6';
    const size_t from = country ? COUNTRY_CHARS : 0;
    return piece->count == MOBILE_DIGITS + from && piece->digits[from] == '1' &&
           piece->digits[from + 1] >= '3';
}

/* The bytes that a mobile number takes from here on, 0 where none begins. */
static size_t mobile_bytes(struct text text)
{
    struct piece piece = {0};
    while (piece_grow(&piece, text)) {
        const bool ends = piece.bytes == text.bytes || !is_digit(text.ptr[piece.bytes]);
        if (ends && is_mobile(&piece)) {
            return piece.bytes;
        }
    }
    return 0;
}

/* Digits of one piece keep their parting: all but the first and last few become stars. */
static void mask_mobile(struct text number, struct buf *buf)
{
    size_t digits_left = 0;
    for (size_t i = 0; i < number.bytes; i++) {
        digits_left += is_digit(number.ptr[i]);
    }
    for (size_t i = 0; i < number.bytes; i++) {
        const bool digit = is_digit(number.ptr[i]);
        const bool hidden =
            digit && digits_left > ENDING_CHARS && digits_left <= ENDING_CHARS + HIDDEN_CHARS;
        buf_add(buf, hidden ? "*" : number.ptr + i, 1);
        digits_left -= digit;
    }
}

void mask_numbers_in(struct text text, struct buf *buf)
{
    size_t at = 0;
    while (at < text.bytes) {
        const bool inside = at > 0 && is_digit(text.ptr[at - 1]);
        const struct text rest = {text.ptr + at, text.bytes - at};
        const size_t bytes = is_digit(text.ptr[at]) && !inside ? mobile_bytes(rest) : 0;
        if (bytes > 0) {
            mask_mobile((struct text){rest.ptr, bytes}, buf);
            at += bytes;
        } else {
            buf_char(buf, text.ptr[at++]);
        }
    }
}

/* "/a/" and a token that ends where it should. */
static bool is_link(struct text text)
{
    static const struct text start = {"/a/", 3};
    size_t chars = 0;
    if (!text_starts_with(text, start)) {
        return false;
    }
    while (start.bytes + chars < text.bytes) {
        const char c = text.ptr[start.bytes + chars];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !is_digit(c) && c != '-' && c != '_') {
            break;
        }
        chars++;
    }
    return chars >= LINK_TOKEN_CHARS;
}

void mask_links_in(struct text text, struct buf *buf)
{
    size_t at = 0;
    while (at < text.bytes) {
        const struct text rest = {text.ptr + at, text.bytes - at};
        if (is_link(rest)) {
            buf_string(buf, "/a/…");
            at += 3 + LINK_TOKEN_CHARS;
        } else {
            buf_char(buf, text.ptr[at++]);
        }
    }
}
