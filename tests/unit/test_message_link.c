/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link of a composed text, wherever it stands in it.
 */
#include <stdio.h>

#include "notifiers/message_link.h"
#include "tests/support/check.h"

static void check_link(const char *text, const char *public_url, const char *expected)
{
    char found[256];
    const struct text link = message_link(text_of(text), text_of(public_url));
    (void)snprintf(found, sizeof(found), "%.*s", TEXT_ARGS(link));
    check_note("%s", text);
    CHECK_STR(found, expected);
}

static void the_link_is_found_wherever_it_stands(void)
{
    static const char base[] = "https://city.test";
    check_link("请办 https://city.test/a/Ab-_9 谢谢", base, "https://city.test/a/Ab-_9");
    check_link("请办。https://city.test/cases/c%2F1。", base, "https://city.test/cases/c%2F1");
    check_link("[查看](https://city.test/a/x)\n", base, "https://city.test/a/x");
    check_link("https://city.test/a/x", "https://city.test/", "https://city.test/a/x");
    check_link(
        "http://10.0.0.1:8420/nrt/a/x 请", "http://10.0.0.1:8420/nrt",
        "http://10.0.0.1:8420/nrt/a/x");
}

static void what_leads_elsewhere_or_nowhere_is_no_link(void)
{
    static const char base[] = "https://city.test";
    check_link("请办", base, "");
    check_link("", base, "");
    check_link("请办 https://city.test/", base, "");
    check_link("请办 https://city.test", base, "");
    check_link("https://city.test.evil/a/x", base, "");
    check_link("https://other.test/a/x", base, "");
    check_link("https://city.test/a/x", "", "");
    check_link("https://city.te", base, "");
}

static void the_first_of_several_that_leads_somewhere_counts(void)
{
    check_link(
        "https://city.test/ https://city.test/a/one https://city.test/a/two", "https://city.test",
        "https://city.test/a/one");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(the_link_is_found_wherever_it_stands);
    CHECK_RUN(what_leads_elsewhere_or_nowhere_is_no_link);
    CHECK_RUN(the_first_of_several_that_leads_somewhere_counts);
    return check_done();
}
