/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF; and no
 * NUL, because text ends up in C strings. One pass, eight plain bytes at a time.
 */
#include <string.h>

#include "base/text.h"

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The second byte decides between overlong forms, surrogates and what is above U+10FFFF. */
static size_t three_bytes(const unsigned char *p, size_t bytes)
{
    if (bytes < 3 || !is_tail(p[1]) || !is_tail(p[2]))
        return 0;
    const bool overlong = p[0] == 0xe0 && p[1] < 0xa0;
    const bool surrogate = p[0] == 0xed && p[1] >= 0xa0;
    return overlong || surrogate ? 0 : 3;
}

static size_t four_bytes(const unsigned char *p, size_t bytes)
{
    if (p[0] > 0xf4 || bytes < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
        return 0;
    const bool overlong = p[0] == 0xf0 && p[1] < 0x90;
    const bool too_large = p[0] == 0xf4 && p[1] >= 0x90;
    return overlong || too_large ? 0 : 4;
}

size_t utf8_char_bytes(const char *ptr, size_t bytes)
{
    const unsigned char *const p = (const unsigned char *)ptr;
    if (bytes == 0 || p[0] == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xe0) /* 0x80 to 0xc1: a tail without a head, or an overlong form */
        return p[0] >= 0xc2 && bytes >= 2 && is_tail(p[1]) ? 2 : 0;
    return p[0] < 0xf0 ? three_bytes(p, bytes) : four_bytes(p, bytes);
}

/* How many bytes from the start are ASCII and not NUL, in steps of eight: a lower bound. */
static size_t plain_prefix(const char *ptr, size_t bytes)
{
    size_t at = 0;
    for (; bytes - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, ptr + at, sizeof word);
        const uint64_t zero = (word - UINT64_C(0x0101010101010101)) & ~word;
        if ((word | zero) & UINT64_C(0x8080808080808080))
            break;
    }
    return at;
}

bool utf8_valid(struct text text)
{
    size_t at = 0;
    while (at < text.bytes) {
        at += plain_prefix(text.ptr + at, text.bytes - at);
        if (at == text.bytes)
            break;
        const size_t bytes = utf8_char_bytes(text.ptr + at, text.bytes - at);
        if (bytes == 0)
            return false;
        at += bytes;
    }
    return true;
}

size_t utf8_utf16_units(struct text text)
{
    size_t units = 0;
    for (size_t at = 0; at < text.bytes; at++) {
        const unsigned char byte = (unsigned char)text.ptr[at];
        if (!is_tail(byte))
            units += byte >= 0xf0 ? 2 : 1;
    }
    return units;
}

struct text utf8_cut(struct text text, size_t bytes_max)
{
    if (text.bytes <= bytes_max)
        return text;
    size_t end = bytes_max;
    /* A character has at most three tails; more of them in a row are no UTF-8 anyway. */
    for (int i = 0; i < 3 && end > 0 && is_tail((unsigned char)text.ptr[end]); i++)
        end--;
    return (struct text){.ptr = text.ptr, .bytes = end};
}
