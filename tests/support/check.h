/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test harness: a test is a function without arguments whose name is a fact.
 *
 *   static void an_empty_list_has_no_first(void) { CHECK(!list_first(&list)); }
 *   int main(void)
 *   {
 *       CHECK_RUN(an_empty_list_has_no_first);
 *       return check_done();
 *   }
 *
 * A failed check prints its place and both values, is counted, and lets the test go on; the
 * checks return whether they held, so that a test can stop where going on makes no sense:
 * if (!CHECK(file)) return;
 */
#ifndef NRT_TESTS_SUPPORT_CHECK_H
#define NRT_TESTS_SUPPORT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#define CHECK(cond) check_true((cond), #cond, __FILE__, __LINE__)

/* Signed integers; whatever fits into int64_t. */
#define CHECK_EQ(actual, expected)                                                                 \
    check_eq((int64_t)(actual), (int64_t)(expected), #actual, #expected, __FILE__, __LINE__)
#define CHECK_GE(actual, least)                                                                    \
    check_ge((int64_t)(actual), (int64_t)(least), #actual, #least, __FILE__, __LINE__)

/* Strings; NULL equals only NULL. */
#define CHECK_STR(actual, expected) check_str((actual), (expected), #actual, __FILE__, __LINE__)

/* Runs one test and prints its name with the verdict. An argument of the test program, if there
 * is one, is a part of the names to run (see check_filter). */
#define CHECK_RUN(function) check_run((function), #function)

/* Run only tests whose name contains `part`; NULL runs all. Call before the first CHECK_RUN. */
void check_filter(const char *part);

/* Says something when the next check fails, e.g. a seed; printf style, kept until the test ends. */
void check_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Sets all counters back, filter included; for tests of the harness itself. */
void check_forget(void);

/* Prints the closing line. Returns the exit code: 0 when every check of every test held and at
 * least one test ran. */
int check_done(void);

bool check_true(bool held, const char *text, const char *file, int line);
bool check_eq(
    int64_t actual,
    int64_t expected,
    const char *actual_text,
    const char *expected_text,
    const char *file,
    int line);
bool check_ge(
    int64_t actual,
    int64_t least,
    const char *actual_text,
    const char *least_text,
    const char *file,
    int line);
bool check_str(
    const char *actual, const char *expected, const char *text, const char *file, int line);
void check_run(void (*test)(void), const char *name);

#endif
