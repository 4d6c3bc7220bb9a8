/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One conversion at a time: opening one is a look-up once the table is loaded.
 */
#include "base/charset.h"

#include <errno.h>
#include <iconv.h>

#define PIECE_BYTES 4096

struct conversion {
    const char *from;
    const char *to;
    bool is_strict; /* ends at what is no character, else that becomes '?' */
};

static bool table_open(const struct conversion *conversion, iconv_t *ret_table)
{
    const iconv_t table = iconv_open(conversion->to, conversion->from);
    if (table == (iconv_t)-1) { /* NOLINT(performance-no-int-to-ptr): its own */
        return false;
    }
    *ret_table = table;
    return true;
}

/* Over one character that cannot be converted: a whole one of UTF-8, else a byte. */
static size_t bytes_to_skip(const char *ptr, size_t bytes, bool from_utf8)
{
    const size_t character = from_utf8 ? utf8_char_bytes(ptr, bytes) : 0;
    return character > 0 ? character : 1;
}

static enum err convert_by(
    iconv_t table, const struct conversion *conversion, struct text text, struct buf *buf)
{
    char *in = (char *)(uintptr_t)text.ptr; /* iconv only reads it */
    size_t left = text.bytes;
    while (left > 0 && buf_error(buf) == ERR_OK) {
        char piece[PIECE_BYTES];
        char *out = piece;
        size_t room = sizeof(piece);
        const size_t done = iconv(table, &in, &left, &out, &room);
        const int error = done == (size_t)-1 ? errno : 0;
        buf_add(buf, piece, sizeof(piece) - room);
        if (error == 0 || error == E2BIG || left == 0) {
            continue;
        }
        if (conversion->is_strict) {
            return ERR_PARSE;
        }
        const size_t skip = bytes_to_skip(in, left, conversion->from[0] == 'U');
        buf_char(buf, '?');
        in += skip;
        left -= skip;
    }
    return buf_error(buf);
}

static enum err convert(const struct conversion *conversion, struct text text, struct buf *buf)
{
    iconv_t table;
    if (!table_open(conversion, &table)) {
        return ERR_NOT_FOUND;
    }
    const enum err err = convert_by(table, conversion, text, buf);
    (void)iconv_close(table);
    return err;
}

static const struct conversion to_gbk = {.from = "UTF-8", .to = "GBK"};
/* GB18030 reads all of GBK and what newer gateways put beside it. */
static const struct conversion from_gbk = {.from = "GB18030", .to = "UTF-8"};

bool charset_has_gbk(void)
{
    iconv_t table;
    const bool known = table_open(&to_gbk, &table);
    if (known) {
        (void)iconv_close(table);
    }
    return known;
}

void charset_to_gbk(struct buf *buf, struct text utf8)
{
    if (convert(&to_gbk, utf8, buf) == ERR_NOT_FOUND) {
        buf->error = ERR_USAGE;
    }
}

void charset_from_gbk(struct buf *buf, struct text gbk)
{
    if (convert(&from_gbk, gbk, buf) == ERR_NOT_FOUND) {
        buf->error = ERR_USAGE;
    }
}

static const char *const names[] = {
    [CHARSET_GB18030] = "GB18030",
    [CHARSET_UTF16_LE] = "UTF-16LE",
    [CHARSET_UTF16_BE] = "UTF-16BE",
};

enum err charset_decode(struct buf *utf8, struct text bytes, enum charset charset)
{
    const struct conversion strict = {.from = names[charset], .to = "UTF-8", .is_strict = true};
    return convert(&strict, bytes, utf8);
}
