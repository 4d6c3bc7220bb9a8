/* SPDX-License-Identifier: Apache-2.0 */
/* The growable buffer: appends, the maximum, the failed state. */
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/text.h"
#include "tests/support/check.h"

static void appended_pieces_stand_in_order(void)
{
    struct buf buf;
    buf_init(&buf, 1000);
    buf_string(&buf, "a");
    buf_char(&buf, 'b');
    buf_text(&buf, TEXT_LITERAL("cd"));
    buf_format(&buf, "%d-%s", 17, "x");
    buf_add(&buf, "\0y", 2);
    CHECK_EQ(buf_error(&buf), ERR_OK);
    CHECK_EQ(buf.bytes, 10);
    CHECK(memcmp(buf.ptr, "abcd17-x\0y", 11) == 0); /* with the NUL behind */
    buf_release(&buf);
}

static void the_maximum_itself_fits(void)
{
    struct buf buf;
    buf_init(&buf, 5);
    buf_string(&buf, "12345");
    CHECK_EQ(buf_error(&buf), ERR_OK);
    CHECK_STR(buf.ptr, "12345");
    buf_char(&buf, '6');
    CHECK_EQ(buf_error(&buf), ERR_FULL);
    CHECK_STR(buf.ptr, "12345");
    buf_release(&buf);
}

static void a_failed_buffer_takes_nothing_more(void)
{
    struct buf buf;
    buf_init(&buf, 4);
    buf_string(&buf, "abc");
    buf_string(&buf, "de"); /* all or nothing */
    buf_string(&buf, "f");  /* would fit, but a piece before it is missing */
    buf_format(&buf, "%d", 1);
    CHECK_EQ(buf_error(&buf), ERR_FULL);
    CHECK_STR(buf.ptr, "abc");
    CHECK(!buf_take(&buf, NULL));
    buf_clear(&buf);
    CHECK_EQ(buf_error(&buf), ERR_OK);
    buf_format(&buf, "%04d", 7);
    CHECK_STR(buf.ptr, "0007");
    buf_release(&buf);
}

static void a_format_that_does_not_fit_leaves_no_trace(void)
{
    struct buf buf;
    buf_init(&buf, 80);
    buf_string(&buf, "kept");
    buf_format(&buf, "%100d", 1);
    CHECK_EQ(buf_error(&buf), ERR_FULL);
    CHECK_STR(buf.ptr, "kept");
    buf_release(&buf);
}

static void no_maximum_is_asked_with_size_max(void)
{
    struct buf buf;
    buf_init(&buf, SIZE_MAX);
    for (int i = 0; i < 1000; i++)
        buf_string(&buf, "0123456789");
    CHECK_EQ(buf_error(&buf), ERR_OK);
    CHECK_EQ(buf.bytes, 10000);
    buf_release(&buf);
}

static void taking_hands_the_bytes_over(void)
{
    struct buf buf;
    buf_init(&buf, 100);
    buf_string(&buf, "mine");
    size_t bytes = 0;
    char *const taken = buf_take(&buf, &bytes);
    CHECK_STR(taken, "mine");
    CHECK_EQ(bytes, 4);
    CHECK_EQ(buf.bytes, 0);
    free(taken);
    char *const empty = buf_take(&buf, &bytes);
    CHECK_STR(empty, "");
    CHECK_EQ(bytes, 0);
    free(empty);
    buf_release(&buf);
}

static void a_cut_goes_back_to_a_length(void)
{
    struct buf buf;
    buf_init(&buf, 100);
    buf_cut(&buf, 0);
    buf_string(&buf, "abcdef");
    buf_cut(&buf, 2);
    CHECK_STR(buf.ptr, "ab");
    buf_string(&buf, "z");
    CHECK_STR(buf.ptr, "abz");
    buf_release(&buf);
}

/* Against the simplest model there is: an array that is large enough. */
static void random_appends_equal_a_plain_array(void)
{
    static char model[20000];
    struct prng prng;
    prng_seed(&prng, 7);
    for (int round = 0; round < 200; round++) {
        struct buf buf;
        size_t bytes = 0;
        buf_init(&buf, prng_below(&prng, sizeof model));
        while (bytes <= buf.bytes_max) {
            char piece[300];
            const size_t piece_bytes = prng_below(&prng, sizeof piece);
            memset(piece, (char)('a' + prng_below(&prng, 26)), sizeof piece);
            piece[piece_bytes] = '\0';
            if (prng_one_in(&prng, 2))
                buf_format(&buf, "%s", piece);
            else
                buf_add(&buf, piece, piece_bytes);
            if (bytes + piece_bytes > buf.bytes_max)
                break;
            memcpy(model + bytes, piece, piece_bytes);
            bytes += piece_bytes;
        }
        CHECK_EQ(buf_error(&buf), ERR_FULL);
        CHECK_EQ(buf.bytes, bytes);
        CHECK(bytes == 0 || memcmp(buf.ptr, model, bytes) == 0);
        buf_release(&buf);
    }
}

int main(void)
{
    CHECK_RUN(appended_pieces_stand_in_order);
    CHECK_RUN(the_maximum_itself_fits);
    CHECK_RUN(a_failed_buffer_takes_nothing_more);
    CHECK_RUN(a_format_that_does_not_fit_leaves_no_trace);
    CHECK_RUN(no_maximum_is_asked_with_size_max);
    CHECK_RUN(taking_hands_the_bytes_over);
    CHECK_RUN(a_cut_goes_back_to_a_length);
    CHECK_RUN(random_appends_equal_a_plain_array);
    return check_done();
}
