/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The harness itself: the macros return their verdict and evaluate their arguments once.
 */
#include <stddef.h>

#include "tests/support/check.h"

static void arguments_are_evaluated_once(void)
{
    int calls = 0;
    CHECK_EQ(++calls, 1);
    CHECK_GE(++calls, 2);
    CHECK_EQ(calls, 2);
}

static void a_check_returns_whether_it_held(void)
{
    CHECK(CHECK(true));
    CHECK(CHECK_STR("a", "a"));
    CHECK(CHECK_STR(NULL, NULL));
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(arguments_are_evaluated_once);
    CHECK_RUN(a_check_returns_whether_it_held);
    return check_done();
}
