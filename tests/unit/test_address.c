/* SPDX-License-Identifier: Apache-2.0 */
/* Network addresses and their ranges. */
#include "base/address.h"
#include "tests/support/check.h"

static bool lies_in(const char *address, const char *range)
{
    struct address one;
    struct address_range many;
    check_note("%s in %s", address, range);
    return CHECK(address_read(text_of(address), &one)) &&
           CHECK(address_range_read(text_of(range), &many)) && address_in(&one, &many);
}

static void a_range_holds_what_begins_alike(void)
{
    CHECK(lies_in("10.1.2.3", "10.1.0.0/16"));
    CHECK(!lies_in("10.2.2.3", "10.1.0.0/16"));
    CHECK(lies_in("192.0.2.7", "192.0.2.7"));
    CHECK(!lies_in("192.0.2.8", "192.0.2.7/32"));
    CHECK(lies_in("192.0.2.129", "192.0.2.128/25"));
    CHECK(!lies_in("192.0.2.127", "192.0.2.128/25"));
    CHECK(lies_in("fd00::1", "fd00::/8"));
    CHECK(!lies_in("fe80::1", "fd00::/8"));
    CHECK(lies_in("203.0.113.9", "0.0.0.0/0"));
}

static void ipv4_inside_ipv6_is_that_address(void)
{
    CHECK(lies_in("::ffff:10.1.2.3", "10.1.0.0/16"));
    CHECK(!lies_in("::1", "0.0.0.0/0"));
    CHECK(lies_in("10.1.2.3", "::/0"));
}

static void other_texts_are_no_ranges(void)
{
    static const char *const texts[] = {
        "",          "x",     "10.1",       "10.1.0.0/33",  "10.1.0.0/-1", "10.1.0.1/16",
        "10.1.0.0/", "[::1]", "fd00::/129", "10.1.0.0/16 ", "localhost"};
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        struct address_range range;
        check_note("%s", texts[index]);
        CHECK(!address_range_read(text_of(texts[index]), &range));
    }
}

static void an_address_is_written_as_it_is_known(void)
{
    struct address address;
    char text[ADDRESS_TEXT_BYTES];
    CHECK(address_read(text_of("::ffff:10.1.2.3"), &address));
    CHECK_STR(address_text(&address, text), "10.1.2.3");
    CHECK(address_read(text_of("FD00:0::1"), &address));
    CHECK_STR(address_text(&address, text), "fd00::1");
}

int main(void)
{
    CHECK_RUN(a_range_holds_what_begins_alike);
    CHECK_RUN(ipv4_inside_ipv6_is_that_address);
    CHECK_RUN(other_texts_are_no_ranges);
    CHECK_RUN(an_address_is_written_as_it_is_known);
    return check_done();
}
