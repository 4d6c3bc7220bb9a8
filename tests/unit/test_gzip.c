/* SPDX-License-Identifier: Apache-2.0 */
/* Compression: what comes out is read back by the library's other half, and is never half there. */
#define ZLIB_CONST
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/gzip.h"
#include "base/prng.h"
#include "tests/support/check.h"

#define TEXT_BYTES 200000

static char plain[TEXT_BYTES];
static char back[TEXT_BYTES + 1];

static size_t inflated(const struct buf *packed)
{
    z_stream stream = {0};
    if (!CHECK(inflateInit2(&stream, 15 + 16) == Z_OK)) {
        return 0;
    }
    stream.next_in = (const Bytef *)packed->ptr;
    stream.avail_in = (uInt)packed->bytes;
    stream.next_out = (Bytef *)back;
    stream.avail_out = sizeof back;
    CHECK_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)inflateEnd(&stream);
    return stream.total_out;
}

static void any_text_comes_back_as_it_was(void)
{
    static const size_t sizes[] = {0, 1, 1000, 16384, 65536, TEXT_BYTES};
    struct prng prng;
    prng_seed(&prng, 7);
    for (size_t i = 0; i < TEXT_BYTES; i++) {
        plain[i] = (char)(i % 3 == 0 ? prng_below(&prng, 256) : 'a');
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buf packed;
        buf_init(&packed, (size_t)2 * TEXT_BYTES);
        CHECK(gzip_add(&packed, (struct text){plain, sizes[i]}, 6));
        CHECK_EQ(inflated(&packed), sizes[i]);
        CHECK(memcmp(plain, back, sizes[i]) == 0);
        buf_release(&packed);
    }
}

static void what_does_not_fit_leaves_the_buffer_as_it_was(void)
{
    struct buf packed;
    buf_init(&packed, 100);
    buf_string(&packed, "before");
    CHECK(!gzip_add(&packed, (struct text){plain, TEXT_BYTES}, 1));
    CHECK(text_is(buf_view(&packed), "before"));
    buf_release(&packed);
}

int main(void)
{
    CHECK_RUN(any_text_comes_back_as_it_was);
    CHECK_RUN(what_does_not_fit_leaves_the_buffer_as_it_was);
    return check_done();
}
