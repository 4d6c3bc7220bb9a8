/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which encoding a table is in. A mark decides; without one what is well-formed UTF-8 is UTF-8 and
 * anything else GB18030, whose two-byte characters are hardly ever that by chance.
 */
#include "base/charset.h"
#include "config/csv.h"

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
        err = little.ptr ? charset_decode(utf8, little, CHARSET_UTF16_LE)
                         : charset_decode(utf8, big, CHARSET_UTF16_BE);
    } else if (utf8_valid(plain)) {
        buf_text(utf8, plain);
        err = buf_error(utf8);
    } else {
        err = charset_decode(utf8, bytes, CHARSET_GB18030);
    }
    const struct text made = {utf8->ptr ? utf8->ptr + start : "", utf8->bytes - start};
    if (err == ERR_PARSE || err == ERR_NOT_FOUND || (!err && !utf8_valid(made))) {
        return err_set(
            why, ERR_PARSE, "neither UTF-8 nor GBK/GB18030: save the table as \"CSV UTF-8\"");
    }
    return err;
}
