/* SPDX-License-Identifier: Apache-2.0 */
/* The session's cookie: found among others, and never the one of the other kind. */
#include <string.h>

#include "console/cookie.h"
#include "tests/support/check.h"

static bool finds(const char *header, const char *name, const char *value)
{
    check_note("%s in %s", name, header);
    return text_is(cookie_find(text_of(header), name), value);
}

static void a_cookie_is_found_among_others(void)
{
    CHECK(finds("nrt=abc", "nrt", "abc"));
    CHECK(finds("a=1; nrt=abc; b=2", "nrt", "abc"));
    CHECK(finds("a=1;nrt=abc;b=2", "nrt", "abc"));
    CHECK(finds(" nrt=abc ", "nrt", "abc"));
    CHECK(finds("nrt=a=b", "nrt", "a=b"));
}

static void another_name_is_another_cookie(void)
{
    CHECK(finds("nrt2=abc; xnrt=abc; NRT=abc", "nrt", ""));
    CHECK(finds("__Host-nrt=abc", "nrt", ""));
    CHECK(finds("nrt=abc", "__Host-nrt", ""));
    CHECK(finds("nrt", "nrt", ""));
    CHECK(finds("", "nrt", ""));
    CHECK(finds(";;;=;", "nrt", ""));
}

/* Somebody has planted one: nobody can say which. */
static void one_that_is_there_twice_counts_for_nothing(void)
{
    CHECK(finds("nrt=abc; nrt=def", "nrt", ""));
    CHECK(finds("nrt=abc; nrt=abc", "nrt", ""));
}

static void over_tls_it_is_bound_to_this_host(void)
{
    char text[COOKIE_BYTES];
    CHECK_STR(
        cookie_set(true, "abc", text), "__Host-nrt=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
    CHECK_STR(cookie_set(false, "abc", text), "nrt=abc; Path=/; HttpOnly; SameSite=Strict");
}

static void an_empty_key_takes_it_away(void)
{
    char text[COOKIE_BYTES];
    CHECK_STR(
        cookie_set(true, "", text),
        "__Host-nrt=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0");
}

int main(void)
{
    CHECK_RUN(a_cookie_is_found_among_others);
    CHECK_RUN(another_name_is_another_cookie);
    CHECK_RUN(one_that_is_there_twice_counts_for_nothing);
    CHECK_RUN(over_tls_it_is_bound_to_this_host);
    CHECK_RUN(an_empty_key_takes_it_away);
    return check_done();
}
