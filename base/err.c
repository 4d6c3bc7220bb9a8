/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the error vocabulary, and the one way to fill a struct err_why. What comes in may
 * quote bytes from outside, so the line is cleaned here: UTF-8 without control bytes.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *err_name(enum err err)
{
    switch (err) {
    case ERR_OK:
        return "ok";
    case ERR_NO_MEMORY:
        return "no_memory";
    case ERR_FULL:
        return "full";
    case ERR_RANGE:
        return "range";
    case ERR_PARSE:
        return "parse";
    case ERR_PROTO:
        return "proto";
    case ERR_IO:
        return "io";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_AWAY:
        return "away";
    case ERR_REFUSED:
        return "refused";
    case ERR_NOT_FOUND:
        return "not_found";
    case ERR_EXISTS:
        return "exists";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_CORRUPT:
        return "corrupt";
    case ERR_USAGE:
        return "usage";
    case ERR_COUNT:
        break;
    }
    return "unknown";
}

enum err err_set(struct err_why *why, enum err err, const char *format, ...)
{
    if (!why)
        return err;
    /* One byte more than fits, so that a cut is seen and does not split a character. */
    char line[sizeof why->text + 1];
    va_list args;
    va_start(args, format);
    const int wanted = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (wanted < 0)
        line[0] = '\0';
    const struct text kept = utf8_cut(text_of(line), sizeof why->text - 1);
    for (size_t at = 0; at < kept.bytes;) {
        const size_t bytes = utf8_char_bytes(kept.ptr + at, kept.bytes - at);
        const unsigned char c = (unsigned char)kept.ptr[at];
        memcpy(why->text + at, kept.ptr + at, bytes ? bytes : 1);
        if (bytes == 0) {
            why->text[at] = '?';
        } else if (c < 0x20 || c == 0x7f) {
            why->text[at] = ' ';
        }
        at += bytes ? bytes : 1;
    }
    why->text[kept.bytes] = '\0';
    return err;
}
