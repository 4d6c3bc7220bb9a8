/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which encoding a table is in. A mark decides; without one what is well-formed UTF-8 is UTF-8 and
 * anything else GB18030, whose two-byte characters are hardly ever that by chance.
 */
#include <errno.h>
#include <iconv.h>

#include "config/csv.h"

#define PIECE_BYTES 4096

static enum err convert(iconv_t converter, struct text bytes, struct buf *utf8)
{
    char *in = (char *)(uintptr_t)bytes.ptr; /* iconv does not write there */
    size_t in_bytes = bytes.bytes;
    bool more = in_bytes > 0;
    while (more) {
        char piece[PIECE_BYTES];
        char *out = piece;
        size_t out_bytes = sizeof piece;
        const size_t odd = iconv(converter, &in, &in_bytes, &out, &out_bytes);
        const bool full = odd == (size_t)-1 && errno == E2BIG;
        if (odd == (size_t)-1 && !full) {
            return ERR_PARSE;
        }
        buf_add(utf8, piece, sizeof piece - out_bytes);
        more = full && !buf_error(utf8);
    }
    return buf_error(utf8);
}

static enum err convert_from(const char *encoding, struct text bytes, struct buf *utf8)
{
    const iconv_t converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1) {
        return ERR_NOT_FOUND;
    }
    const enum err err = convert(converter, bytes, utf8);
    (void)iconv_close(converter);
    return err;
}

static struct text after_mark(struct text bytes, const char *mark, size_t mark_bytes)
{
    return text_starts_with(bytes, (struct text){mark, mark_bytes})
               ? (struct text){bytes.ptr + mark_bytes, bytes.bytes - mark_bytes}
               : (struct text){0};
}

enum err csv_decode(struct text bytes, struct buf *utf8, struct err_why *why)
{
    const struct text little = after_mark(bytes, "\xff\xfe", 2);
    const struct text big = after_mark(bytes, "\xfe\xff", 2);
    const struct text marked = after_mark(bytes, "\xef\xbb\xbf", 3);
    const struct text plain = marked.ptr ? marked : bytes;
    const size_t start = utf8->bytes;
    enum err err = ERR_OK;
    if (bytes.bytes > CSV_BYTES_MAX) {
        return err_set(why, ERR_FULL, "more than %zu MiB", CSV_BYTES_MAX >> 20);
    }
    if (little.ptr || big.ptr) {
        err = convert_from(little.ptr ? "UTF-16LE" : "UTF-16BE", little.ptr ? little : big, utf8);
    } else if (utf8_valid(plain)) {
        buf_text(utf8, plain);
        err = buf_error(utf8);
    } else {
        err = convert_from("GB18030", bytes, utf8);
    }
    const struct text made = {utf8->ptr ? utf8->ptr + start : "", utf8->bytes - start};
    if (err == ERR_PARSE || err == ERR_NOT_FOUND || (!err && !utf8_valid(made))) {
        return err_set(
            why, ERR_PARSE, "neither UTF-8 nor GBK/GB18030: save the table as \"CSV UTF-8\"");
    }
    return err;
}
