/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the console may ask: https, or this machine. */
#include "console/fetch.h"
#include "tests/support/check.h"

static bool may(const char *url)
{
    check_note("%s", url);
    return fetch_may(text_of(url), false);
}

static bool may_on_another_clock(const char *url)
{
    check_note("%s", url);
    return fetch_may(text_of(url), true);
}

static void others_are_asked_over_https_alone(void)
{
    CHECK(may("https://oapi.dingtalk.com"));
    CHECK(may("https://10.0.0.1:8443/x"));
    CHECK(!may("http://oapi.dingtalk.com"));
    CHECK(!may("http://10.0.0.1"));
    CHECK(!may("ftp://127.0.0.1"));
    CHECK(!may("file:///etc/passwd"));
    CHECK(!may(""));
}

static void this_machine_may_be_asked_in_the_clear(void)
{
    CHECK(may("http://127.0.0.1:8080/gettoken?a=b"));
    CHECK(may("http://127.9.9.9/"));
    CHECK(may("http://[::1]:8080/x"));
    CHECK(may("http://[::ffff:127.0.0.1]/"));
}

/* A name, or what only looks like an address of ours, is somebody else's. */
static void nothing_else_counts_as_this_machine(void)
{
    CHECK(!may("http://localhost.example.com/"));
    CHECK(!may("http://127.0.0.1.example.com/"));
    CHECK(!may("http://127.0.0.1@example.com/"));
    CHECK(!may("http://127.1/"));
    CHECK(!may("http://[::1"));
    CHECK(!may("http://[fe80::1]/"));
    CHECK(!may("http:///x"));
}

static void on_a_clock_that_is_not_real_nobody_outside_hears_of_it(void)
{
    CHECK(!may_on_another_clock("https://oapi.dingtalk.com"));
    CHECK(may_on_another_clock("https://127.0.0.1:8443"));
    CHECK(may_on_another_clock("http://127.0.0.1:8080"));
}

int main(void)
{
    CHECK_RUN(others_are_asked_over_https_alone);
    CHECK_RUN(this_machine_may_be_asked_in_the_clear);
    CHECK_RUN(nothing_else_counts_as_this_machine);
    CHECK_RUN(on_a_clock_that_is_not_real_nobody_outside_hears_of_it);
    return check_done();
}
