/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, signatures and sealed values against published vectors. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/prng.h"
#include "tests/support/check.h"

static const uint8_t seal_key[SEAL_KEY_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};

static const char *hex_of(const uint8_t *bytes, size_t byte_count)
{
    static struct buf buf;
    buf_release(&buf);
    buf_init(&buf, 1000);
    crypto_hex(&buf, bytes, byte_count);
    return buf.ptr;
}

static const char *sha256_of(const char *text)
{
    uint8_t digest[SHA256_BYTES];
    crypto_sha256(text_of(text), digest);
    return hex_of(digest, sizeof digest);
}

static const char *hmac_of(struct text key, struct text data)
{
    uint8_t mac[SHA256_BYTES];
    crypto_hmac_sha256(key, data, mac);
    return hex_of(mac, sizeof mac);
}

static void sha_256_is_that_of_fips_180(void)
{
    CHECK_STR(sha256_of(NULL), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_STR(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_STR(
        sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void hmac_is_that_of_rfc_4231(void)
{
    static const char twenty[20] = {11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
                                    11, 11, 11, 11, 11, 11, 11, 11, 11, 11};
    char long_key[131];
    memset(long_key, '\xaa', sizeof long_key);
    CHECK_STR(
        hmac_of((struct text){.ptr = twenty, .bytes = sizeof twenty}, text_of("Hi There")),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK_STR(
        hmac_of(text_of("Jefe"), text_of("what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK_STR(
        hmac_of(
            (struct text){.ptr = long_key, .bytes = sizeof long_key},
            text_of("Test Using Larger Than Block-Size Key - Hash Key First")),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK_STR(
        hmac_of((struct text){0}, (struct text){0}),
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static const char *md5_of(const char *text)
{
    uint8_t digest[MD5_BYTES];
    return crypto_md5(text_of(text), digest) == ERR_OK ? hex_of(digest, sizeof digest) : "none";
}

static const char *hmac_sha1_of(struct text key, struct text data)
{
    uint8_t mac[SHA1_BYTES];
    return crypto_hmac_sha1(key, data, mac) == ERR_OK ? hex_of(mac, sizeof mac) : "none";
}

static void md5_is_that_of_rfc_1321(void)
{
    CHECK_STR(md5_of(NULL), "d41d8cd98f00b204e9800998ecf8427e");
    CHECK_STR(md5_of("a"), "0cc175b9c0f1b6a831c399e269772661");
    CHECK_STR(md5_of("abc"), "900150983cd24fb0d6963f7d28e17f72");
    CHECK_STR(md5_of("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    CHECK_STR(md5_of("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
    CHECK_STR(
        md5_of("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
        "57edf4a22be3c955ac49da2e2107b67a");
}

static void hmac_sha_1_is_that_of_rfc_2202(void)
{
    static const char twenty[20] = {11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
                                    11, 11, 11, 11, 11, 11, 11, 11, 11, 11};
    char long_key[80];
    memset(long_key, '\xaa', sizeof long_key);
    CHECK_STR(
        hmac_sha1_of((struct text){.ptr = twenty, .bytes = sizeof twenty}, text_of("Hi There")),
        "b617318655057264e28bc0b6fb378c8ef146be00");
    CHECK_STR(
        hmac_sha1_of(text_of("Jefe"), text_of("what do ya want for nothing?")),
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK_STR(
        hmac_sha1_of(
            (struct text){.ptr = long_key, .bytes = sizeof long_key},
            text_of("Test Using Larger Than Block-Size Key - Hash Key First")),
        "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    CHECK_STR(
        hmac_sha1_of((struct text){0}, (struct text){0}),
        "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

/* METHOD&%2F&encode(canonical query), as the older form of Alibaba Cloud's calls is signed. */
static void check_rpc(const char *method, const char *canonical, const char *signature)
{
    struct buf to_sign;
    struct buf base64;
    uint8_t mac[SHA1_BYTES];
    buf_init(&to_sign, 4000);
    buf_init(&base64, 100);
    buf_format(&to_sign, "%s&%%2F&", method);
    crypto_url_encode(&to_sign, text_of(canonical));
    CHECK_EQ(crypto_hmac_sha1(text_of("testsecret&"), buf_view(&to_sign), mac), ERR_OK);
    crypto_base64(&base64, mac, sizeof mac);
    CHECK_STR(base64.ptr, signature);
    buf_release(&to_sign);
    buf_release(&base64);
}

static void alibaba_rpc_calls_are_signed_as_published(void)
{
    check_rpc(
        "POST",
        "AccessKeyId=testid&Action=SendSms&Format=JSON&OutId=alert-000123&PhoneNumbers=13800000001"
        "&SignName=%E6%B5%8B%E8%AF%95%E6%B0%B4%E5%8A%A1&SignatureMethod=HMAC-SHA1"
        "&SignatureNonce=00000000-0000-4000-8000-000000000001&SignatureVersion=1.0"
        "&TemplateCode=SMS_000000001&TemplateParam=%7B%22station%22%3A%22%E4%B8%80%E5%8F%B7%E6%B0"
        "%B4%E5%BA%93%22%2C%22level%22%3A%2212.35%20m%22%7D&Timestamp=2026-01-02T03%3A04%3A05Z"
        "&Version=2017-05-25",
        "6L4EhUHM2DrFnp9hFVK4aixn/Cw=");
    check_rpc(
        "GET",
        "AccessKeyId=testid&Action=DescribeRegions&Format=XML&SignatureMethod=HMAC-SHA1"
        "&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0"
        "&Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26",
        "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

static void hex_of_a_hash_is_appended(void)
{
    struct buf buf;
    buf_init(&buf, 1000);
    buf_string(&buf, "x=");
    crypto_sha256_hex(&buf, text_of("abc"));
    CHECK_STR(buf.ptr, "x=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    buf_clear(&buf);
    crypto_hmac_sha256_hex(&buf, text_of("Jefe"), text_of("what do ya want for nothing?"));
    CHECK_STR(buf.ptr, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    buf_release(&buf);
}

static void a_dingtalk_robot_is_signed_as_its_server_wants(void)
{
    struct buf base64;
    struct buf url;
    uint8_t mac[SHA256_BYTES];
    buf_init(&base64, 100);
    buf_init(&url, 200);
    crypto_hmac_sha256(
        text_of("SEC000000000000000000000"), text_of("1577262236757\nSEC000000000000000000000"),
        mac);
    crypto_base64(&base64, mac, sizeof mac);
    crypto_url_encode(&url, buf_view(&base64));
    CHECK_STR(base64.ptr, "xOJIB8eNoYWeLy26EMZOlc2RjOJbtPv9HYjm+E3uALU=");
    CHECK_STR(url.ptr, "xOJIB8eNoYWeLy26EMZOlc2RjOJbtPv9HYjm%2BE3uALU%3D");
    buf_release(&base64);
    buf_release(&url);
}

static void an_identity_is_the_beginning_of_a_base32_digest(void)
{
    /* The digest of "abc", and of "a\nb", by the same rule. */
    char id[NRT_ID_BYTES];
    crypto_id((struct text[]){TEXT_LITERAL("abc")}, 1, id);
    CHECK_STR(id, "xj4bnp4pahh6uqkbidpf3lrceo");
    crypto_id((struct text[]){TEXT_LITERAL("a"), {0}, TEXT_LITERAL("b")}, 3, id);
    char joined[NRT_ID_BYTES];
    crypto_id((struct text[]){TEXT_LITERAL("a\n\nb")}, 1, joined);
    CHECK_STR(id, joined);
    CHECK_EQ(strlen(id), 26);
}

static void equal_means_equal_bytes_and_length(void)
{
    CHECK(crypto_equal(text_of("abc"), text_of("abc")));
    CHECK(crypto_equal((struct text){0}, text_of("")));
    CHECK(!crypto_equal(text_of("abc"), text_of("abd")));
    CHECK(!crypto_equal(text_of("abc"), text_of("abcd")));
}

static void random_bytes_differ(void)
{
    uint8_t a[300] = {0};
    uint8_t b[300] = {0};
    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    crypto_random(a, 0);
}

/* ---- sealed values ---- */

static enum err opened(struct text context, struct text sealed, struct buf *plain)
{
    buf_clear(plain);
    return crypto_open(seal_key, context, sealed, plain);
}

static void what_is_sealed_opens_again(void)
{
    struct prng prng;
    struct buf sealed;
    struct buf plain;
    prng_seed(&prng, 3);
    buf_init(&sealed, 10000);
    buf_init(&plain, 10000);
    for (size_t bytes = 0; bytes < 200; bytes++) {
        char secret[200];
        for (size_t i = 0; i < bytes; i++)
            secret[i] = (char)prng_next(&prng);
        const struct text text = {.ptr = secret, .bytes = bytes};
        buf_clear(&sealed);
        CHECK_EQ(crypto_seal(seal_key, text_of("person p1"), text, &sealed), ERR_OK);
        CHECK(text_starts_with(buf_view(&sealed), text_of("intl:")));
        CHECK_EQ(opened(text_of("person p1"), buf_view(&sealed), &plain), ERR_OK);
        CHECK(text_equal(buf_view(&plain), text));
    }
    buf_release(&sealed);
    buf_release(&plain);
}

static void one_changed_bit_is_noticed(void)
{
    struct buf sealed;
    struct buf plain;
    buf_init(&sealed, 1000);
    buf_init(&plain, 1000);
    CHECK_EQ(crypto_seal(seal_key, text_of("c"), text_of("13800000001"), &sealed), ERR_OK);
    for (size_t i = 0; i < sealed.bytes; i++) {
        sealed.ptr[i] ^= 1;
        const enum err err = opened(text_of("c"), buf_view(&sealed), &plain);
        /* Of the algorithm's name, of the key's id, of the rest. */
        CHECK(
            i < 4    ? err == ERR_PROTO || err == ERR_PARSE
            : i < 14 ? err == ERR_NOT_FOUND || err == ERR_PARSE || err == ERR_PROTO
                     : err == ERR_CORRUPT || err == ERR_PARSE);
        CHECK_EQ(plain.bytes, 0);
        sealed.ptr[i] ^= 1;
    }
    CHECK_EQ(opened(text_of("d"), buf_view(&sealed), &plain), ERR_CORRUPT);
    CHECK_EQ(opened((struct text){0}, buf_view(&sealed), &plain), ERR_CORRUPT);
    CHECK_EQ(opened(text_of("c"), buf_view(&sealed), &plain), ERR_OK);
    CHECK_STR(plain.ptr, "13800000001");
    buf_release(&sealed);
    buf_release(&plain);
}

static void what_is_no_sealed_value_is_refused(void)
{
    struct buf plain;
    buf_init(&plain, 1000);
    CHECK_EQ(opened((struct text){0}, (struct text){0}, &plain), ERR_PARSE);
    CHECK_EQ(opened((struct text){0}, text_of("13800000001"), &plain), ERR_PARSE);
    CHECK_EQ(opened((struct text){0}, text_of("intl:"), &plain), ERR_CORRUPT);
    CHECK_EQ(opened((struct text){0}, text_of("intl:AAAA"), &plain), ERR_CORRUPT);
    CHECK_EQ(opened((struct text){0}, text_of("intl:####"), &plain), ERR_PARSE);
    buf_release(&plain);
}

static bool find_the_key_of_sevens(struct text key_id, uint8_t ret_key[static SEAL_KEY_BYTES])
{
    uint8_t sevens[SEAL_KEY_BYTES];
    char id[SEAL_KEY_ID_BYTES];
    memset(sevens, 7, sizeof sevens);
    crypto_key_id(sevens, id);
    if (key_id.bytes > 0 && !text_is(key_id, id))
        return false;
    memcpy(ret_key, sevens, sizeof sevens);
    return true;
}

static void a_value_says_which_key_and_algorithm_opens_it(void)
{
    uint8_t sevens[SEAL_KEY_BYTES];
    uint8_t eights[SEAL_KEY_BYTES];
    char id[SEAL_KEY_ID_BYTES];
    struct text algorithm;
    struct text key_id;
    struct buf sealed;
    struct buf plain;
    memset(sevens, 7, sizeof sevens);
    memset(eights, 8, sizeof eights);
    buf_init(&sealed, 1000);
    buf_init(&plain, 1000);
    CHECK_EQ(crypto_seal(sevens, text_of("c"), text_of("secret"), &sealed), ERR_OK);
    CHECK(crypto_sealed_parts(buf_view(&sealed), &algorithm, &key_id));
    crypto_key_id(sevens, id);
    CHECK(text_is(algorithm, "intl") && text_is(key_id, id));
    CHECK_EQ(crypto_open(eights, text_of("c"), buf_view(&sealed), &plain), ERR_NOT_FOUND);
    crypto_set_key_finder(find_the_key_of_sevens);
    CHECK_EQ(crypto_open(eights, text_of("c"), buf_view(&sealed), &plain), ERR_OK);
    CHECK_STR(plain.ptr, "secret");
    /* What was sealed before keys had ids: any key it could be is tried. */
    buf_clear(&plain);
    memmove(sealed.ptr + 5, sealed.ptr + 14, sealed.bytes - 13);
    sealed.bytes -= 9;
    CHECK_EQ(crypto_open(sevens, text_of("c"), buf_view(&sealed), &plain), ERR_OK);
    CHECK_EQ(crypto_open(eights, text_of("c"), buf_view(&sealed), &plain), ERR_OK);
    CHECK_STR(plain.ptr, "secretsecret");
    crypto_set_key_finder(NULL);
    CHECK_EQ(crypto_open(eights, text_of("c"), buf_view(&sealed), &plain), ERR_CORRUPT);
    CHECK_EQ(crypto_open(eights, text_of("c"), text_of("sm:00000000:AAAA"), &plain), ERR_PROTO);
    buf_release(&sealed);
    buf_release(&plain);
}

int main(void)
{
    CHECK_RUN(sha_256_is_that_of_fips_180);
    CHECK_RUN(hmac_is_that_of_rfc_4231);
    CHECK_RUN(md5_is_that_of_rfc_1321);
    CHECK_RUN(hmac_sha_1_is_that_of_rfc_2202);
    CHECK_RUN(alibaba_rpc_calls_are_signed_as_published);
    CHECK_RUN(hex_of_a_hash_is_appended);
    CHECK_RUN(a_dingtalk_robot_is_signed_as_its_server_wants);
    CHECK_RUN(an_identity_is_the_beginning_of_a_base32_digest);
    CHECK_RUN(equal_means_equal_bytes_and_length);
    CHECK_RUN(random_bytes_differ);
    CHECK_RUN(what_is_sealed_opens_again);
    CHECK_RUN(one_changed_bit_is_noticed);
    CHECK_RUN(what_is_no_sealed_value_is_refused);
    CHECK_RUN(a_value_says_which_key_and_algorithm_opens_it);
    return check_done();
}
