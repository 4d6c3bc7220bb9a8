/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test harness: counters and printing. It owns no test state and must never hide a failure:
 * a program in which no test ran has failed.
 */
#include "tests/support/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct check_totals {
    const char *filter;
    char note[256];
    int tests;
    int tests_failed;
    int checks;
    int checks_failed;
} totals;

void check_filter(const char *part)
{
    totals.filter = part;
}

void check_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(totals.note, sizeof totals.note, format, args);
    va_end(args);
}

static bool check_count(bool held, const char *file, int line)
{
    totals.checks++;
    if (held)
        return true;
    totals.checks_failed++;
    printf("    %s:%d: ", file, line);
    if (totals.note[0])
        printf("[%s] ", totals.note);
    return false;
}

bool check_true(bool held, const char *text, const char *file, int line)
{
    if (!check_count(held, file, line))
        printf("does not hold: %s\n", text);
    return held;
}

bool check_eq(
    int64_t actual,
    int64_t expected,
    const char *actual_text,
    const char *expected_text,
    const char *file,
    int line)
{
    const bool held = actual == expected;
    if (!check_count(held, file, line))
        printf(
            "%s is %" PRId64 ", expected %s = %" PRId64 "\n", actual_text, actual, expected_text,
            expected);
    return held;
}

bool check_ge(
    int64_t actual,
    int64_t least,
    const char *actual_text,
    const char *least_text,
    const char *file,
    int line)
{
    const bool held = actual >= least;
    if (!check_count(held, file, line))
        printf(
            "%s is %" PRId64 ", expected at least %s = %" PRId64 "\n", actual_text, actual,
            least_text, least);
    return held;
}

bool check_str(
    const char *actual, const char *expected, const char *text, const char *file, int line)
{
    const bool held = actual && expected ? strcmp(actual, expected) == 0 : actual == expected;
    if (!check_count(held, file, line))
        printf(
            "%s is\n        %s\n      expected\n        %s\n", text, actual ? actual : "(NULL)",
            expected ? expected : "(NULL)");
    return held;
}

void check_run(void (*test)(void), const char *name)
{
    if (totals.filter && !strstr(name, totals.filter))
        return;
    const int failed_before = totals.checks_failed;
    totals.note[0] = '\0';
    totals.tests++;
    test();
    const bool held = totals.checks_failed == failed_before;
    if (!held)
        totals.tests_failed++;
    printf("%s %s\n", held ? "ok  " : "FAIL", name);
    (void)fflush(stdout);
}

void check_forget(void)
{
    totals = (struct check_totals){.filter = NULL};
}

int check_done(void)
{
    printf(
        "%d of %d tests held (%d checks, %d failed)\n", totals.tests - totals.tests_failed,
        totals.tests, totals.checks, totals.checks_failed);
    return totals.tests > 0 && totals.tests_failed == 0 ? 0 : 1;
}
