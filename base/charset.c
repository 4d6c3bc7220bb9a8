/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One conversion at a time: opening one is a look-up once the table is loaded.
 */
#include "base/charset.h"

#include <errno.h>
#include <iconv.h>

#define PIECE_BYTES 1024

bool charset_has_gbk(void)
{
    const iconv_t table = iconv_open("GBK", "UTF-8");
    const bool known = table != (iconv_t)-1; /* NOLINT(performance-no-int-to-ptr): its own */
    if (known) {
        (void)iconv_close(table);
    }
    return known;
}

/* Over one character that cannot be converted: a whole one of UTF-8, else a byte. */
static size_t bytes_to_skip(const char *ptr, size_t bytes, bool from_utf8)
{
    const size_t character = from_utf8 ? utf8_char_bytes(ptr, bytes) : 0;
    return character > 0 ? character : 1;
}

static void convert(struct buf *buf, struct text text, const char *to, const char *from)
{
    const bool from_utf8 = from[0] == 'U';
    const iconv_t table = iconv_open(to, from);
    if (table == (iconv_t)-1) { /* NOLINT(performance-no-int-to-ptr): its own */
        buf->error = ERR_USAGE;
        return;
    }
    char *in = (char *)(uintptr_t)text.ptr; /* iconv only reads it */
    size_t left = text.bytes;
    while (left > 0 && buf_error(buf) == ERR_OK) {
        char piece[PIECE_BYTES];
        char *out = piece;
        size_t room = sizeof(piece);
        const size_t done = iconv(table, &in, &left, &out, &room);
        const int error = done == (size_t)-1 ? errno : 0;
        buf_add(buf, piece, sizeof(piece) - room);
        if (error != 0 && error != E2BIG && left > 0) {
            const size_t skip = bytes_to_skip(in, left, from_utf8);
            buf_char(buf, '?');
            in += skip;
            left -= skip;
        }
    }
    (void)iconv_close(table);
}

void charset_to_gbk(struct buf *buf, struct text utf8)
{
    convert(buf, utf8, "GBK", "UTF-8");
}

/* GB18030 reads all of GBK and what newer gateways put beside it. */
void charset_from_gbk(struct buf *buf, struct text gbk)
{
    convert(buf, gbk, "UTF-8", "GB18030");
}
