/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as text: the vectors of RFC 4648, one spelling per value, percent-encoding. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/prng.h"
#include "tests/support/check.h"

static struct buf buf;

static const char *base64_of(const char *text)
{
    buf_clear(&buf);
    buf_string(&buf, "");
    crypto_base64(&buf, (const uint8_t *)text, strlen(text));
    return buf.bytes ? buf.ptr : "";
}

static const char *base32_of(const char *text)
{
    buf_clear(&buf);
    crypto_base32(&buf, (const uint8_t *)text, strlen(text));
    return buf.bytes ? buf.ptr : "";
}

/* What it decodes to, or the error's name. */
static const char *decoded(const char *text)
{
    buf_clear(&buf);
    const enum err err = crypto_base64_decode(text_of(text), &buf);
    CHECK(!err || buf.bytes == 0);
    return err ? err_name(err) : buf.bytes ? buf.ptr : "";
}

static void base64_is_that_of_rfc_4648(void)
{
    CHECK_STR(base64_of(""), "");
    CHECK_STR(base64_of("f"), "Zg==");
    CHECK_STR(base64_of("fo"), "Zm8=");
    CHECK_STR(base64_of("foo"), "Zm9v");
    CHECK_STR(base64_of("foob"), "Zm9vYg==");
    CHECK_STR(base64_of("fooba"), "Zm9vYmE=");
    CHECK_STR(base64_of("foobar"), "Zm9vYmFy");
    CHECK_STR(base64_of("\xfb\xff\xbf"), "+/+/");
}

static void base32_is_that_of_rfc_4648_in_lower_case(void)
{
    CHECK_STR(base32_of(""), "");
    CHECK_STR(base32_of("f"), "my");
    CHECK_STR(base32_of("fo"), "mzxq");
    CHECK_STR(base32_of("foo"), "mzxw6");
    CHECK_STR(base32_of("foob"), "mzxw6yq");
    CHECK_STR(base32_of("fooba"), "mzxw6ytb");
    CHECK_STR(base32_of("foobar"), "mzxw6ytboi");
}

static void base64_has_one_spelling_per_value(void)
{
    CHECK_STR(decoded(""), "");
    CHECK_STR(decoded("Zg=="), "f");
    CHECK_STR(decoded("Zm8="), "fo");
    CHECK_STR(decoded("Zm9v"), "foo");
    CHECK_STR(decoded("+/+/"), "\xfb\xff\xbf");
    static const char *const bad[] = {
        "Z",    "Zg",       "Zg=",      "Zh==",     "Zm9=",         "Z===",
        "====", "=g==",     "Zg==Zg==", "Zm8=Zm8=", "Zm 9",         "Zm9\n",
        "Zm-_", "Zm9v====", "Zm9vA",    "Zg=v",     "\xe4\xb8\x80x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note("%s", bad[i]);
        CHECK_STR(decoded(bad[i]), "parse");
    }
}

static void a_failed_decoding_leaves_what_was_there(void)
{
    buf_clear(&buf);
    buf_string(&buf, "kept");
    CHECK_EQ(crypto_base64_decode(text_of("Zm9vZm9#"), &buf), ERR_PARSE);
    CHECK_STR(buf.ptr, "kept");
    CHECK_EQ(crypto_url_decode(&buf, text_of("abc%"), false), ERR_PARSE);
    CHECK_STR(buf.ptr, "kept");
}

static void random_bytes_round_trip_in_base64(void)
{
    struct prng prng;
    prng_seed(&prng, 64);
    for (int i = 0; i < 5000; i++) {
        uint8_t bytes[100];
        const size_t byte_count = prng_below(&prng, sizeof bytes);
        for (size_t at = 0; at < byte_count; at++)
            bytes[at] = (uint8_t)prng_next(&prng);
        struct buf back;
        buf_init(&back, 1000);
        buf_clear(&buf);
        crypto_base64(&buf, bytes, byte_count);
        CHECK_EQ(buf.bytes, (byte_count + 2) / 3 * 4);
        CHECK_EQ(crypto_base64_decode(buf_view(&buf), &back), ERR_OK);
        CHECK(text_equal(
            buf_view(&back), (struct text){.ptr = (const char *)bytes, .bytes = byte_count}));
        buf_release(&back);
    }
}

static const char *url_encoded(struct text text)
{
    buf_clear(&buf);
    crypto_url_encode(&buf, text);
    return buf.ptr;
}

static const char *url_decoded(const char *text, bool plus)
{
    buf_clear(&buf);
    const enum err err = crypto_url_decode(&buf, text_of(text), plus);
    return err ? err_name(err) : buf.ptr;
}

static void only_unreserved_characters_stay_as_they_are(void)
{
    CHECK_STR(url_encoded(TEXT_LITERAL("AZaz09-_.~")), "AZaz09-_.~");
    CHECK_STR(url_encoded(TEXT_LITERAL(" +&=%/?#")), "%20%2B%26%3D%25%2F%3F%23");
    CHECK_STR(url_encoded(TEXT_LITERAL("一")), "%E4%B8%80");
    CHECK_STR(url_encoded(TEXT_LITERAL("\0\xff")), "%00%FF");
}

static void escapes_are_decoded_or_refused(void)
{
    CHECK_STR(url_decoded("%E4%b8%80+a%2Bb", true), "一 a+b");
    CHECK_STR(url_decoded("a+b", false), "a+b");
    CHECK_STR(url_decoded("%", false), "parse");
    CHECK_STR(url_decoded("%4", false), "parse");
    CHECK_STR(url_decoded("%4g", false), "parse");
    CHECK_STR(url_decoded("%00", false), "parse");
    CHECK_STR(url_decoded("%-1", false), "parse");
    buf_clear(&buf);
    CHECK_EQ(crypto_url_decode(&buf, TEXT_LITERAL("a\0b"), false), ERR_PARSE);
}

static void every_byte_but_nul_round_trips_in_a_url(void)
{
    char bytes[255];
    struct buf back;
    buf_init(&back, 1000);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i + 1);
    const struct text text = {.ptr = bytes, .bytes = sizeof bytes};
    (void)url_encoded(text);
    CHECK_EQ(crypto_url_decode(&back, buf_view(&buf), true), ERR_OK);
    CHECK(text_equal(buf_view(&back), text));
    buf_release(&back);
}

int main(void)
{
    buf_init(&buf, 10000);
    CHECK_RUN(base64_is_that_of_rfc_4648);
    CHECK_RUN(base32_is_that_of_rfc_4648_in_lower_case);
    CHECK_RUN(base64_has_one_spelling_per_value);
    CHECK_RUN(a_failed_decoding_leaves_what_was_there);
    CHECK_RUN(random_bytes_round_trip_in_base64);
    CHECK_RUN(only_unreserved_characters_stay_as_they_are);
    CHECK_RUN(escapes_are_decoded_or_refused);
    CHECK_RUN(every_byte_but_nul_round_trips_in_a_url);
    buf_release(&buf);
    return check_done();
}
