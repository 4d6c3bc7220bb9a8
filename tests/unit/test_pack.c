/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as bytes. */
#include "rules/pack.h"
#include "tests/support/check.h"

static struct unpack over(const struct buf *buf)
{
    return (struct unpack){.at = buf->ptr, .end = buf->ptr + buf->bytes};
}

static void numbers_come_back_from_the_shortest_form(void)
{
    static const uint64_t numbers[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX, UINT64_MAX - 1};
    static const size_t bytes[] = {1, 1, 1, 2, 2, 5, 10, 10};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct buf buf;
        buf_init(&buf, 100);
        pack_number(&buf, numbers[i]);
        CHECK_EQ(buf.bytes, bytes[i]);
        struct unpack unpack = over(&buf);
        CHECK(unpack_number(&unpack) == numbers[i]);
        CHECK(!unpack.failed);
        CHECK_EQ(unpack_left(&unpack), 0);
        buf_release(&buf);
    }
}

static void signed_numbers_and_instants_come_back(void)
{
    static const int64_t numbers[] = {
        0, -1, 1, 999, 1000, -1000, -1001, INT64_MAX, 86400000, 1551830400000, 1551830400001};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct buf buf;
        buf_init(&buf, 100);
        pack_signed(&buf, numbers[i]);
        if (numbers[i] != INT64_MAX)
            pack_ms(&buf, numbers[i]);
        struct unpack unpack = over(&buf);
        CHECK_EQ(unpack_signed(&unpack), numbers[i]);
        if (numbers[i] != INT64_MAX)
            CHECK_EQ(unpack_ms(&unpack), numbers[i]);
        CHECK(!unpack.failed);
        buf_release(&buf);
    }
}

static void whole_seconds_are_shorter(void)
{
    struct buf buf;
    buf_init(&buf, 100);
    pack_ms(&buf, 8 * 3600 * 1000);
    CHECK_EQ(buf.bytes, 3);
    buf_release(&buf);
}

static bool fails(const char *bytes, size_t count)
{
    struct unpack unpack = {.at = bytes, .end = bytes + count};
    (void)unpack_number(&unpack);
    return unpack.failed;
}

static void cut_long_and_padded_numbers_fail(void)
{
    CHECK(fails("", 0));
    CHECK(fails("\x80", 1));
    CHECK(fails("\x80\x00", 2));
    CHECK(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10));
    CHECK(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11));
    CHECK(!fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10));
    CHECK(!fails("\x00", 1));
}

static void a_failed_reader_gives_zeros(void)
{
    struct unpack unpack = {.at = "\x05\x01", .end = NULL};
    unpack.end = unpack.at + 2;
    CHECK_EQ(unpack_upto(&unpack, 4), 0);
    CHECK(unpack.failed);
    CHECK_EQ(unpack_number(&unpack), 0);
    CHECK_EQ(unpack_bytes(&unpack, 1).bytes, 0);
    CHECK(unpack_bytes(&unpack, 1).ptr);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(numbers_come_back_from_the_shortest_form);
    CHECK_RUN(signed_numbers_and_instants_come_back);
    CHECK_RUN(whole_seconds_are_shorter);
    CHECK_RUN(cut_long_and_padded_numbers_fail);
    CHECK_RUN(a_failed_reader_gives_zeros);
    return check_done();
}
