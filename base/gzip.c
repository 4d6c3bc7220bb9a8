/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter of zlib.
 */
#include "base/gzip.h"

#define ZLIB_CONST /* its input is const */
#include <limits.h>
#include <zlib.h>

#define GZIP_WINDOW_BITS (15 + 16) /* 16: a gzip header, not a zlib one */
#define MEMORY_LEVEL     8
#define PIECE_BYTES      16384

static bool deflate_all(z_stream *stream, struct buf *buf)
{
    unsigned char piece[PIECE_BYTES];
    int code = Z_OK;
    while (code == Z_OK) {
        stream->next_out = piece;
        stream->avail_out = sizeof piece;
        code = deflate(stream, Z_FINISH);
        buf_add(buf, (const char *)piece, sizeof piece - stream->avail_out);
    }
    return code == Z_STREAM_END && !buf_error(buf);
}

bool gzip_add(struct buf *buf, struct text text, int level)
{
    const size_t before = buf->bytes;
    z_stream stream = {0};
    if (text.bytes > UINT_MAX || buf_error(buf) ||
        deflateInit2(
            &stream, level, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
        return false;
    }
    stream.next_in = (const Bytef *)(text.ptr ? text.ptr : "");
    stream.avail_in = (uInt)text.bytes;
    const bool good = deflate_all(&stream, buf);
    (void)deflateEnd(&stream);
    if (!good) {
        buf_cut(buf, before);
    }
    return good;
}
