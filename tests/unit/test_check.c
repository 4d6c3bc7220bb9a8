/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The harness itself: its macros return their verdict and evaluate their arguments once, and a
 * program with a failed check, or with no test at all, fails. The failing ones run in a child.
 */
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void fail_plainly(void)
{
    CHECK(false);
}

static void fail_on_numbers(void)
{
    CHECK_EQ(1, 2);
}

static void fail_on_a_bound(void)
{
    CHECK_GE(1, 2);
}

static void fail_on_text(void)
{
    CHECK_STR("a", NULL);
}

/* Exit code of a program that runs this one test, silently. */
static int exit_code_of(void (*test)(void))
{
    (void)fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(99);
        check_forget();
        if (test)
            check_run(test, "test");
        _exit(check_done());
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void a_failed_check_fails_the_program(void)
{
    CHECK_EQ(exit_code_of(arguments_are_evaluated_once), 0);
    CHECK_EQ(exit_code_of(fail_plainly), 1);
    CHECK_EQ(exit_code_of(fail_on_numbers), 1);
    CHECK_EQ(exit_code_of(fail_on_a_bound), 1);
    CHECK_EQ(exit_code_of(fail_on_text), 1);
}

static void a_program_without_tests_fails(void)
{
    CHECK_EQ(exit_code_of(NULL), 1);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(arguments_are_evaluated_once);
    CHECK_RUN(a_check_returns_whether_it_held);
    CHECK_RUN(a_failed_check_fails_the_program);
    CHECK_RUN(a_program_without_tests_fails);
    return check_done();
}
