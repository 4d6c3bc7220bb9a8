/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: what is well-formed, what an SMS counts, what a terminal shows. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/support/check.h"

#define VALID(s) utf8_valid(TEXT_LITERAL(s))

static void well_formed_text_is_valid(void)
{
    CHECK(VALID(""));
    CHECK(utf8_valid((struct text){0}));
    CHECK(VALID("a case of 17 bytes"));
    CHECK(VALID("关于取水许可事项的函（0119号）"));
    CHECK(VALID("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
    CHECK(VALID("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

static void malformed_text_is_not_valid(void)
{
    CHECK(!VALID("\x80"));
    CHECK(!VALID("\xbf"));
    CHECK(!VALID("\xc0\x80"));
    CHECK(!VALID("\xc1\xbf"));
    CHECK(!VALID("\xc2"));
    CHECK(!VALID("\xe0\x9f\xbf"));
    CHECK(!VALID("\xe5\x85"));
    CHECK(!VALID("\xed\xa0\x80"));
    CHECK(!VALID("\xed\xbf\xbf"));
    CHECK(!VALID("\xf0\x8f\xbf\xbf"));
    CHECK(!VALID("\xf4\x90\x80\x80"));
    CHECK(!VALID("\xf5\x80\x80\x80"));
    CHECK(!VALID("\xff"));
    CHECK(!VALID("abcdefgh\xe5\x85"));
}

static void a_nul_is_found_at_every_place(void)
{
    for (size_t at = 0; at < 24; at++) {
        char text[24];
        memset(text, 'a', sizeof text);
        text[at] = '\0';
        CHECK(!utf8_valid((struct text){.ptr = text, .bytes = sizeof text}));
        text[at] = '\x80';
        CHECK(!utf8_valid((struct text){.ptr = text, .bytes = sizeof text}));
        text[at] = '\x7f';
        CHECK(utf8_valid((struct text){.ptr = text, .bytes = sizeof text}));
    }
}

/* Encode as RFC 3629 says; 0 for what has no encoding. */
static size_t encode(unsigned point, char bytes[4])
{
    if (point < 0x80) {
        bytes[0] = (char)point;
        return 1;
    }
    const size_t count = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--, point >>= 6)
        bytes[i] = (char)(0x80 | (point & 0x3f));
    bytes[0] = (char)((0xf00u >> count & 0xf0u) | point);
    return count;
}

static void every_character_has_its_length(void)
{
    for (unsigned point = 1; point < 0x120000; point++) {
        char bytes[5] = "";
        const size_t count = encode(point, bytes);
        const bool exists = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
        check_note("U+%04X", point);
        if (!CHECK_EQ(utf8_char_bytes(bytes, count), exists ? count : 0) ||
            !CHECK_EQ(utf8_char_bytes(bytes, count - 1), 0))
            return;
    }
}

static void an_sms_counts_utf_16_units(void)
{
    CHECK_EQ(utf8_utf16_units(TEXT_LITERAL("")), 0);
    CHECK_EQ(utf8_utf16_units(TEXT_LITERAL("abc")), 3);
    CHECK_EQ(utf8_utf16_units(TEXT_LITERAL("一号水库")), 4);
    CHECK_EQ(utf8_utf16_units(TEXT_LITERAL("\xf0\x9f\x98\x80")), 2);
}

static void a_terminal_shows_wide_characters_in_two_columns(void)
{
    CHECK_EQ(utf8_columns(TEXT_LITERAL("")), 0);
    CHECK_EQ(utf8_columns(TEXT_LITERAL("abc")), 3);
    CHECK_EQ(utf8_columns(TEXT_LITERAL("一号水库")), 8);
    CHECK_EQ(utf8_columns(TEXT_LITERAL("（0119号）")), 10);
    CHECK_EQ(utf8_columns(TEXT_LITERAL("e\xcc\x81")), 1);        /* combining acute */
    CHECK_EQ(utf8_columns(TEXT_LITERAL("a\xe2\x80\x8b")), 1);    /* zero width space */
    CHECK_EQ(utf8_columns(TEXT_LITERAL("\xf0\x9f\x98\x80")), 2); /* emoji */
    CHECK_EQ(utf8_columns(TEXT_LITERAL("\xf0\xa0\x80\x80")), 2); /* extension B */
    CHECK_EQ(utf8_columns(TEXT_LITERAL("\xef\xbd\xb1")), 1);     /* halfwidth */
    CHECK_EQ(
        utf8_columns(TEXT_LITERAL("\xff"
                                  "a")),
        2); /* malformed */
}

static void a_cut_never_splits_a_character(void)
{
    const struct text text = TEXT_LITERAL("a一\xf0\x9f\x98\x80");
    static const size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 8};
    for (size_t bytes_max = 0; bytes_max < 10; bytes_max++)
        CHECK_EQ(utf8_cut(text, bytes_max).bytes, expected[bytes_max]);
}

int main(void)
{
    CHECK_RUN(well_formed_text_is_valid);
    CHECK_RUN(malformed_text_is_not_valid);
    CHECK_RUN(a_nul_is_found_at_every_place);
    CHECK_RUN(every_character_has_its_length);
    CHECK_RUN(an_sms_counts_utf_16_units);
    CHECK_RUN(a_terminal_shows_wide_characters_in_two_columns);
    CHECK_RUN(a_cut_never_splits_a_character);
    return check_done();
}
