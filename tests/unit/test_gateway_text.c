/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of a gateway described in configuration: what they become, and what is told of mistakes.
 */
#include <string.h>

#include "base/charset.h"
#include "config/gateway_text.h"
#include "tests/support/check.h"

static struct gateway_values values = {
    .value =
        {
            [GATEWAY_MOBILE] = {"13800000001", 11},
            [GATEWAY_TEXT] = {"【水务局】a&b<c", 20},
            [GATEWAY_USERNAME] = {"water", 5},
            [GATEWAY_SECRET] = {"key", 3},
        },
    .now = {.ms = INT64_C(1767323045678)}, /* 2026-01-02 11:04:05 in China */
};

static void becomes(const char *pattern, gateway_escape_fn *escape, const char *expected)
{
    struct buf buf;
    struct err_why why = {0};
    buf_init(&buf, GATEWAY_BYTES_MAX);
    check_note("%s", pattern);
    CHECK_EQ(gateway_text_check(text_of(pattern), &why), ERR_OK);
    gateway_text_write(text_of(pattern), &values, escape, &buf);
    CHECK_EQ(buf_error(&buf), ERR_OK);
    check_note("%s", pattern);
    CHECK_STR(buf.ptr ? buf.ptr : "", expected);
    buf_release(&buf);
}

static void is_refused(const char *pattern, const char *reason)
{
    struct err_why why = {0};
    check_note("%s", pattern);
    CHECK_EQ(gateway_text_check(text_of(pattern), &why), ERR_PARSE);
    check_note("%s: %s", pattern, why.text);
    CHECK(strstr(why.text, reason));
}

static void placeholders_become_values(void)
{
    becomes("", NULL, "");
    becomes("to={mobile}!", NULL, "to=13800000001!");
    becomes("{{{mobile}}}", NULL, "{13800000001}");
    becomes("{link}{title}", NULL, "");
    becomes("{time:yyyyMMddHHmmss}", NULL, "20260102110405");
    becomes("{time:yyyy-MM-ddTHH:mm:ss}+08:00", NULL, "2026-01-02T11:04:05+08:00");
}

/* Of the published vectors: MD5 and HMAC of RFC 1321 and 4231 style inputs, computed apart. */
static void functions_take_what_follows_them(void)
{
    becomes("{md5:}", NULL, "d41d8cd98f00b204e9800998ecf8427e");
    becomes("{md5:abc}", NULL, "900150983cd24fb0d6963f7d28e17f72");
    becomes("{upper:{md5:abc}}", NULL, "900150983CD24FB0D6963F7D28E17F72");
    becomes("{md5-base64:abc}", NULL, "kAFQmDzST7DWlj99KOF/cg==");
    becomes(
        "{sha256:abc}", NULL, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    becomes(
        "{hmac-sha256:The quick brown fox jumps over the lazy dog}", NULL,
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    becomes(
        "{hmac-sha1:The quick brown fox jumps over the lazy dog}", NULL,
        "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
    becomes("{base64:{username}:{secret}}", NULL, "d2F0ZXI6a2V5");
    becomes("{url:a b/c}", NULL, "a%20b%2Fc");
    becomes("{lower:AbC}{upper:aé}", NULL, "abcAé");
}

static void values_are_escaped_and_what_surrounds_them_is_not(void)
{
    becomes(
        "?t={text}&x=1", gateway_escape_url,
        "?t=%E3%80%90%E6%B0%B4%E5%8A%A1%E5%B1%80%E3%80%91a%26b%3Cc&x=1");
    becomes("<t>{text}</t>", gateway_escape_xml, "<t>【水务局】a&amp;b&lt;c</t>");
}

static void in_gbk_functions_see_the_bytes_that_are_sent(void)
{
    if (!CHECK(charset_has_gbk())) {
        return;
    }
    values.gbk = true;
    becomes("{text}", gateway_escape_url, "%A1%BE%CB%AE%CE%F1%BE%D6%A1%BFa%26b%3Cc");
    becomes("{md5:水务}", NULL, "bb9949f6f52fba2d12fc958fabcb4213");
    becomes("{base64:水}", NULL, "y64=");
    values.gbk = false;
}

static void what_gbk_has_no_character_for_becomes_a_question_mark(void)
{
    struct buf buf;
    buf_init(&buf, 64);
    charset_to_gbk(&buf, TEXT_LITERAL("水😀a"));
    CHECK_STR(buf.ptr, "\xCB\xAE?a");
    buf_clear(&buf);
    charset_from_gbk(&buf, TEXT_LITERAL("\xCB\xAE\xFF!"));
    CHECK_STR(buf.ptr, "水?!");
    buf_release(&buf);
}

static void mistakes_are_told_with_what_is_known(void)
{
    is_refused("{mobil}", "unknown placeholder {mobil}; known are: mobile mobile86 text");
    is_refused("{md4:{text}}", "unknown function {md4:...}; known are: md5");
    is_refused("{text", "has no closing brace");
    is_refused("{md5:{text}", "has no closing brace");
    is_refused("text}", "a single }");
    is_refused("{\"mobile\":1}", "unknown function");
    is_refused("{time:yyyyMMddhhmmss}", "known are yyyy MM dd HH mm ss");
    is_refused("{time:yyyy", "has no closing brace");
    is_refused("{md5:{md5:{md5:{md5:{md5:a}}}}}", "more than 4 functions in functions");
    is_refused("{}", "unknown placeholder {}");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(placeholders_become_values);
    CHECK_RUN(functions_take_what_follows_them);
    CHECK_RUN(values_are_escaped_and_what_surrounds_them_is_not);
    CHECK_RUN(in_gbk_functions_see_the_bytes_that_are_sent);
    CHECK_RUN(what_gbk_has_no_character_for_becomes_a_question_mark);
    CHECK_RUN(mistakes_are_told_with_what_is_known);
    return check_done();
}
