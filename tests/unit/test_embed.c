/* SPDX-License-Identifier: Apache-2.0 */
/* Embedded files: a name finds its bytes, and only the whole name does. */
#include "base/embed.h"
#include "tests/support/check.h"

static const unsigned char first[] = "first";
static const struct embedded_file files[] = {
    {.name = "a.json", .bytes = first, .byte_count = 5},
    {.name = "rules/a.json", .bytes = first, .byte_count = 2},
    {.name = "z.json", .bytes = first, .byte_count = 0},
};

static void the_whole_name_finds_the_bytes(void)
{
    CHECK(text_is(embedded_find(files, 3, "a.json"), "first"));
    CHECK(text_is(embedded_find(files, 3, "rules/a.json"), "fi"));
    CHECK_EQ(embedded_find(files, 3, "z.json").bytes, 0);
    CHECK(embedded_find(files, 3, "z.json").ptr);
    CHECK(!embedded_find(files, 3, "a.jso").ptr);
    CHECK(!embedded_find(files, 3, "rules/").ptr);
    CHECK(!embedded_find(files, 0, "a.json").ptr);
}

int main(void)
{
    CHECK_RUN(the_whole_name_finds_the_bytes);
    return check_done();
}
