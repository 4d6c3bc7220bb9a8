/* SPDX-License-Identifier: Apache-2.0 */
/* The error vocabulary: every error has a name, every why is one clean line. */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "tests/support/check.h"

static void every_error_has_a_name_of_its_own(void)
{
    for (int a = 0; a < ERR_COUNT; a++) {
        CHECK(strcmp(err_name((enum err)a), "unknown") != 0);
        for (int b = 0; b < a; b++)
            CHECK(strcmp(err_name((enum err)a), err_name((enum err)b)) != 0);
    }
    CHECK_STR(err_name(ERR_COUNT), "unknown");
}

static void the_error_comes_back_with_its_why(void)
{
    struct err_why why = {0};
    CHECK_EQ(err_set(&why, ERR_TIMEOUT, "no answer in %d ms", 300), ERR_TIMEOUT);
    CHECK_STR(why.text, "no answer in 300 ms");
    CHECK_EQ(err_set(NULL, ERR_IO, "%s", "nobody listens"), ERR_IO);
}

static void a_why_is_one_line(void)
{
    struct err_why why = {0};
    CHECK_EQ(
        err_set(
            &why, ERR_PARSE, "%s",
            "a\nb\tc\x7f"
            "d"),
        ERR_PARSE);
    CHECK_STR(why.text, "a b c d");
    CHECK_EQ(
        err_set(
            &why, ERR_PARSE, "%s",
            "\xff"
            "a\xe4\xb8一"),
        ERR_PARSE);
    CHECK_STR(why.text, "?a??一");
}

static void a_long_why_is_cut_between_characters(void)
{
    char line[600];
    for (size_t i = 0; i < sizeof line - 4; i += 3)
        memcpy(line + i, "一", 4);
    for (int shift = 0; shift < 3; shift++) {
        struct err_why why = {0};
        CHECK_EQ(err_set(&why, ERR_PARSE, "%.*s%s", shift, "ab", line), ERR_PARSE);
        CHECK(utf8_valid(text_of(why.text)));
        CHECK_GE(strlen(why.text), sizeof why.text - 3);
    }
}

int main(void)
{
    CHECK_RUN(every_error_has_a_name_of_its_own);
    CHECK_RUN(the_error_comes_back_with_its_why);
    CHECK_RUN(a_why_is_one_line);
    CHECK_RUN(a_long_why_is_cut_between_characters);
    return check_done();
}
