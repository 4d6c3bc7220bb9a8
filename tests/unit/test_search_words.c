/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How texts are cut into words, and what a search becomes.
 */
#include <string.h>

#include "console/search_words.h"
#include "tests/support/check.h"

static void check_words(const char *text, const char *expected)
{
    struct buf words;
    buf_init(&words, 4096);
    search_words(text_of(text), &words);
    CHECK_STR(words.ptr, expected);
    buf_release(&words);
}

static void each_chinese_character_is_a_word_and_each_latin_run(void)
{
    check_words("取水", " 取 水 ");
    check_words("关于DY-0012号", " 关 于 dy 0012 号 ");
    check_words("东政发〔2019〕12号", " 东 政 发 2019 12 号 ");
    check_words("", " ");
    check_words("\xE3\x80\x80、。（）", " ");
}

static void full_width_is_the_same_as_half_width(void)
{
    check_words("ＡＢ１２", " ab12 ");
    check_words("Ａb１2", " ab12 ");
}

static void what_is_not_text_only_separates(void)
{
    check_words("a\"b'c*d^e:f(g)", " a b c d e f g ");
    check_words("水\xff\xfe\xc3取", " 水 取 ");
    check_words("水\n取", " 水 | 取 ");
}

static void a_search_is_phrases_of_words(void)
{
    struct search_phrases phrases;
    CHECK(search_phrases_read(TEXT_LITERAL("取水 许可"), &phrases));
    CHECK_EQ(phrases.count, 2);
    CHECK_STR(phrases.match, "\"取 水 \" AND \"许 可 \"");
    CHECK(search_phrases_read(TEXT_LITERAL("取水\xE3\x80\x80许可"), &phrases));
    CHECK_EQ(phrases.count, 2);
    CHECK(search_phrases_read(TEXT_LITERAL("水"), &phrases));
    CHECK_STR(phrases.match, "\"水 \"");
    CHECK(!search_phrases_read(TEXT_LITERAL(" \t，。 \" "), &phrases));
}

static void a_latin_word_may_be_a_beginning_when_it_is_long_enough(void)
{
    struct search_phrases phrases;
    CHECK(search_phrases_read(TEXT_LITERAL("DY-001"), &phrases));
    CHECK_STR(phrases.match, "\"dy 001\" *");
    CHECK(search_finds(&phrases, TEXT_LITERAL("DY-0012")));
    CHECK(search_phrases_read(TEXT_LITERAL("12"), &phrases));
    CHECK_STR(phrases.match, "\"12 \"");
    CHECK(!search_finds(&phrases, TEXT_LITERAL("123")));
    CHECK(search_finds(&phrases, TEXT_LITERAL("第12号")));
}

static void syntax_of_the_index_is_text(void)
{
    struct search_phrases phrases;
    CHECK(search_phrases_read(TEXT_LITERAL("a\" OR title:* NEAR(b c) -d"), &phrases));
    CHECK_STR(
        phrases.match, "\"a \" AND \"or \" AND \"title\" * AND \"near b \" AND \"c \" AND \"d \"");
}

static void a_phrase_does_not_go_across_two_texts(void)
{
    struct search_phrases phrases;
    CHECK(search_phrases_read(TEXT_LITERAL("取水"), &phrases));
    CHECK(search_finds(&phrases, TEXT_LITERAL("商请取水许可")));
    CHECK(!search_finds(&phrases, TEXT_LITERAL("商请取\n水许可")));
    CHECK(!search_finds(&phrases, TEXT_LITERAL("水取")));
}

static void too_much_is_cut(void)
{
    static char many[4000];
    struct search_phrases phrases;
    for (size_t index = 0; index + 2 < sizeof(many); index += 2) {
        many[index] = 'a';
        many[index + 1] = ' ';
    }
    CHECK(search_phrases_read(text_of(many), &phrases));
    CHECK_EQ(phrases.count, SEARCH_PHRASES_MAX);
    CHECK(strlen(phrases.match) < SEARCH_MATCH_BYTES);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(each_chinese_character_is_a_word_and_each_latin_run);
    CHECK_RUN(full_width_is_the_same_as_half_width);
    CHECK_RUN(what_is_not_text_only_separates);
    CHECK_RUN(a_search_is_phrases_of_words);
    CHECK_RUN(a_latin_word_may_be_a_beginning_when_it_is_long_enough);
    CHECK_RUN(syntax_of_the_index_is_text);
    CHECK_RUN(a_phrase_does_not_go_across_two_texts);
    CHECK_RUN(too_much_is_cut);
    return check_done();
}
