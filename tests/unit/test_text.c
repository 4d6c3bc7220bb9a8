/* SPDX-License-Identifier: Apache-2.0 */
/* Text as pointer and length: comparing, numbers, edit distance. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/text.h"
#include "tests/support/check.h"

static void empty_text_equals_empty_text(void)
{
    CHECK(text_equal(text_of(NULL), text_of("")));
    CHECK(text_is((struct text){0}, ""));
    CHECK(!text_is((struct text){0}, "a"));
    CHECK(text_starts_with((struct text){0}, text_of("")));
    CHECK_EQ(text_compare((struct text){0}, text_of("")), 0);
}

static void bytes_behind_the_length_do_not_count(void)
{
    const struct text text = {.ptr = "abcdef", .bytes = 3};
    CHECK(text_is(text, "abc"));
    CHECK(!text_is(text, "abcd"));
    CHECK(!text_is(text, "ab"));
    CHECK(text_starts_with(text, TEXT_LITERAL("ab")));
    CHECK(!text_starts_with(text, TEXT_LITERAL("abcd")));
}

static void a_text_is_among_others_only_as_a_whole(void)
{
    const struct text items[] = {text_of("abc"), text_of(""), text_of("b")};
    CHECK(text_is_among(text_of("b"), items, 3));
    CHECK(text_is_among((struct text){0}, items, 3));
    CHECK(!text_is_among(text_of("ab"), items, 3));
    CHECK(!text_is_among(text_of("b"), items, 2));
    CHECK(!text_is_among(text_of("b"), NULL, 0));
}

static void a_prefix_comes_before_what_it_begins(void)
{
    CHECK(text_compare(text_of("ab"), text_of("abc")) < 0);
    CHECK(text_compare(text_of("abc"), text_of("ab")) > 0);
    CHECK(text_compare(text_of("b"), text_of("abc")) > 0);
    CHECK(text_compare(text_of("\xff"), text_of("a")) > 0); /* bytes are unsigned */
    CHECK_EQ(text_compare(text_of("abc"), text_of("abc")), 0);
}

static void a_copy_ends_with_a_nul(void)
{
    char *const copy = text_copy((struct text){.ptr = "abcdef", .bytes = 2});
    CHECK_STR(copy, "ab");
    free(copy);
    char *const empty = text_copy((struct text){0});
    CHECK_STR(empty, "");
    free(empty);
}

static void whole_numbers_are_read_to_the_last_one(void)
{
    int64_t value = 0;
    CHECK_EQ(text_parse_i64(text_of("9223372036854775807"), &value), ERR_OK);
    CHECK_EQ(value, INT64_MAX);
    CHECK_EQ(text_parse_i64(text_of("-9223372036854775808"), &value), ERR_OK);
    CHECK_EQ(value, INT64_MIN);
    CHECK_EQ(text_parse_i64(text_of("007"), &value), ERR_OK);
    CHECK_EQ(value, 7);
    value = 5;
    CHECK_EQ(text_parse_i64(text_of("9223372036854775808"), &value), ERR_RANGE);
    CHECK_EQ(text_parse_i64(text_of("-9223372036854775809"), &value), ERR_RANGE);
    CHECK_EQ(text_parse_i64(text_of("99999999999999999999999"), &value), ERR_RANGE);
    CHECK_EQ(value, 5);
}

static void other_text_is_no_number(void)
{
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1x", "--1", "0x1", "1.0", "1e3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t value = 5;
        CHECK_EQ(text_parse_i64(text_of(bad[i]), &value), ERR_PARSE);
        CHECK_EQ(value, 5);
    }
    int64_t value = 5;
    CHECK_EQ(text_parse_i64((struct text){0}, &value), ERR_PARSE);
}

static void random_numbers_round_trip(void)
{
    struct prng prng;
    prng_seed(&prng, 1);
    for (int i = 0; i < 100000; i++) {
        const int64_t number = (int64_t)(prng_next(&prng) >> prng_below(&prng, 64));
        char text[24];
        (void)snprintf(text, sizeof text, "%" PRId64, number);
        int64_t back = 0;
        if (!CHECK_EQ(text_parse_i64(text_of(text), &back), ERR_OK) || !CHECK_EQ(back, number))
            return;
    }
}

static void one_slip_of_the_finger_is_distance_one(void)
{
    CHECK_EQ(text_distance(text_of("title"), text_of("title")), 0);
    CHECK_EQ(text_distance(text_of("title"), text_of("tilte")), 1);
    CHECK_EQ(text_distance(text_of("title"), text_of("titel")), 1);
    CHECK_EQ(text_distance(text_of("title"), text_of("titles")), 1);
    CHECK_EQ(text_distance(text_of("title"), text_of("tile")), 1);
    CHECK_EQ(text_distance(text_of("title"), text_of("tatle")), 1);
    CHECK_EQ(text_distance(text_of("kitten"), text_of("sitting")), 3);
    CHECK_EQ(text_distance(text_of(""), text_of("abc")), 3);
    CHECK_EQ(text_distance(text_of("abc"), text_of(NULL)), 3);
}

static void long_words_are_compared_by_their_beginning(void)
{
    char a[200];
    char b[200];
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    b[150] = 'b';
    const struct text left = {.ptr = a, .bytes = sizeof a};
    const struct text right = {.ptr = b, .bytes = sizeof b};
    CHECK_EQ(text_distance(left, right), 0);
    CHECK_EQ(text_distance(left, text_of("")), 64);
}

int main(void)
{
    CHECK_RUN(empty_text_equals_empty_text);
    CHECK_RUN(bytes_behind_the_length_do_not_count);
    CHECK_RUN(a_text_is_among_others_only_as_a_whole);
    CHECK_RUN(a_prefix_comes_before_what_it_begins);
    CHECK_RUN(a_copy_ends_with_a_nul);
    CHECK_RUN(whole_numbers_are_read_to_the_last_one);
    CHECK_RUN(other_text_is_no_number);
    CHECK_RUN(random_numbers_round_trip);
    CHECK_RUN(one_slip_of_the_finger_is_distance_one);
    CHECK_RUN(long_words_are_compared_by_their_beginning);
    return check_done();
}
