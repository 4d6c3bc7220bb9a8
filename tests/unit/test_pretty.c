/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as people read it: what fits stands in one line, and it is the same value as before. */
#include <string.h>

#include "console/pretty.h"
#include "tests/support/check.h"

static void check_pretty(const char *json, const char *expected)
{
    struct buf out;
    buf_init(&out, 65536);
    CHECK_EQ(pretty_text(text_of(json), &out), ERR_OK);
    CHECK_STR(out.ptr, expected);
    buf_release(&out);
}

static void what_fits_stands_in_one_line(void)
{
    check_pretty("{\"a\":[1,2],\"b\":{}}", "{\"a\":[1,2],\"b\":{}}\n");
    check_pretty("[]", "[]\n");
    check_pretty("7", "7\n");
}

static void what_is_wider_has_its_members_on_lines_of_their_own(void)
{
    check_pretty(
        "{\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"list\":["
        "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\","
        "{\"c\":\"\\u0001\"}]}",
        "{\n  \"id\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\n  \"list\": "
        "[\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",{\"c\":\"\\u0001\"}]\n}\n");
}

static void what_is_no_json_is_refused(void)
{
    struct buf out;
    buf_init(&out, 65536);
    CHECK_EQ(pretty_text(text_of("{"), &out), ERR_PARSE);
    buf_release(&out);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(what_fits_stands_in_one_line);
    CHECK_RUN(what_is_wider_has_its_members_on_lines_of_their_own);
    CHECK_RUN(what_is_no_json_is_refused);
    return check_done();
}
