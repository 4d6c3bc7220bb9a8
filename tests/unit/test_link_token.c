/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of one-tap links: what was signed comes back, anything else does not. The bit test is
 * exhaustive for each of a few random tokens.
 */
#include <string.h>

#include "base/prng.h"
#include "config/link_token.h"
#include "tests/support/check.h"

#define ROUNDS 300

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static uint8_t link_key[LINK_KEY_BYTES];

static struct link_claim claim_of(const char *id, int64_t expires_ms)
{
    struct link_claim claim = {.expires = {expires_ms}, .purpose = LINK_ACKNOWLEDGE};
    memcpy(claim.message, id, NRT_ID_BYTES);
    return claim;
}

static struct link_claim random_claim(struct prng *prng)
{
    const uint64_t number = prng_next(prng);
    const struct text part = {(const char *)&number, sizeof number};
    struct link_claim claim = {
        .expires = {prng_range(prng, 0, WALL_MS_MAX / 60000) * 60000},
        .purpose = digits[prng_below(prng, 62)],
    };
    crypto_id(&part, 1, claim.message);
    return claim;
}

static void make(const struct link_claim *claim, char token[static LINK_TOKEN_CHARS + 1])
{
    struct buf buf;
    buf_init(&buf, 100);
    CHECK_EQ(link_token_make(link_key, claim, &buf), ERR_OK);
    if (CHECK_EQ(buf.bytes, LINK_TOKEN_CHARS)) {
        memcpy(token, buf.ptr, LINK_TOKEN_CHARS + 1);
    }
    buf_release(&buf);
}

static void what_was_signed_comes_back(void)
{
    struct prng prng;
    prng_seed(&prng, 4);
    for (int i = 0; i < ROUNDS; i++) {
        const struct link_claim claim = random_claim(&prng);
        struct link_claim read = {.purpose = '?'};
        char token[LINK_TOKEN_CHARS + 1];
        make(&claim, token);
        CHECK_EQ(link_token_read(link_key, text_of(token), &read), ERR_OK);
        CHECK_STR(read.message, claim.message);
        CHECK_EQ(read.expires.ms, claim.expires.ms);
        CHECK_EQ(read.purpose, claim.purpose);
        CHECK_EQ(token[LINK_TOKEN_CHARS - 1], claim.purpose); /* never "-" or "_" */
        CHECK_EQ(strspn(token, digits), LINK_TOKEN_CHARS);
    }
}

static void a_known_token_stays_what_it_is(void)
{
    const struct link_claim claim = claim_of("abcdefghijklmnopqrstuvwxyz", INT64_C(1771200000000));
    char token[LINK_TOKEN_CHARS + 1];
    make(&claim, token);
    CHECK_STR(token, "uo9XCG8TvXF2Hk0sAcJwgABEMhTHQlS2Nc-EZTpW18Za");
}

static void any_flipped_bit_is_refused(void)
{
    struct prng prng;
    prng_seed(&prng, 5);
    for (int round = 0; round < 20; round++) {
        const struct link_claim claim = random_claim(&prng);
        char token[LINK_TOKEN_CHARS + 1];
        make(&claim, token);
        for (size_t at = 0; at < LINK_TOKEN_CHARS; at++) {
            const char kept = token[at];
            for (int bit = 0; bit < 6; bit++) {
                struct link_claim read = {.purpose = '?'};
                const int value = (int)(strchr(digits, kept) - digits);
                token[at] = digits[value ^ 1 << bit];
                CHECK_EQ(link_token_read(link_key, text_of(token), &read), ERR_REFUSED);
                CHECK_EQ(read.purpose, '?');
            }
            token[at] = kept;
        }
    }
}

static void another_key_refuses_and_the_seal_key_is_not_the_links(void)
{
    const struct link_claim claim = claim_of("abcdefghijklmnopqrstuvwxyz", 60000);
    uint8_t seal_key[SEAL_KEY_BYTES] = {0};
    struct link_claim read;
    char token[LINK_TOKEN_CHARS + 1];
    make(&claim, token);
    CHECK_EQ(link_token_read(seal_key, text_of(token), &read), ERR_REFUSED);
    for (int bit = 0; bit < SEAL_KEY_BYTES * 8; bit++) {
        uint8_t other[LINK_KEY_BYTES];
        seal_key[bit / 8] = (uint8_t)(1U << bit % 8);
        link_key_derive(seal_key, other);
        CHECK_EQ(link_token_read(other, text_of(token), &read), ERR_REFUSED);
        seal_key[bit / 8] = 0;
    }
}

static void what_is_no_token_is_no_token(void)
{
    static const char *const bad[] = {
        "",
        "a",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAA",
        "\xe5\xb7\xb2\xe9\x98\x85\xe5\xb7\xb2\xe9\x98\x85\xe5\xb7\xb2\xe9\x98\x85\xe5\xb7\xb2\xe9"
        "\x98\x85\xe5\xb7\xb2\xe9\x98\x85\xe5\xb7\xb2\xe9\x98\x85\xe5\xb7\xb2\xe9\x98\x85xx",
    };
    struct link_claim read;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note("%s", bad[i]);
        CHECK_EQ(link_token_read(link_key, text_of(bad[i]), &read), ERR_PARSE);
    }
    const char zeros[LINK_TOKEN_CHARS] = {0};
    CHECK_EQ(link_token_read(link_key, (struct text){zeros, sizeof zeros}, &read), ERR_PARSE);
}

static void only_an_id_and_a_letter_can_be_signed(void)
{
    static const char *const bad[] = {
        "abcdefghijklmnopqrstuvwxy", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxy1",
        ""};
    struct buf buf;
    buf_init(&buf, 100);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct link_claim claim = {.purpose = 'a'};
        memcpy(claim.message, bad[i], strlen(bad[i]));
        CHECK_EQ(link_token_make(link_key, &claim, &buf), ERR_USAGE);
    }
    for (const char *purpose = "-_ \x80"; *purpose; purpose++) {
        struct link_claim claim = claim_of("abcdefghijklmnopqrstuvwxyz", 0);
        claim.purpose = *purpose;
        CHECK_EQ(link_token_make(link_key, &claim, &buf), ERR_USAGE);
    }
    struct link_claim claim = claim_of("abcdefghijklmnopqrstuvwxyz", WALL_MS_MAX + 1);
    CHECK_EQ(link_token_make(link_key, &claim, &buf), ERR_RANGE);
    CHECK_EQ(buf.bytes, 0);
    buf_release(&buf);
}

static void it_holds_until_the_minute_it_expires_for_its_one_purpose(void)
{
    const struct link_claim asked = claim_of("abcdefghijklmnopqrstuvwxyz", 59999);
    struct link_claim claim;
    char token[LINK_TOKEN_CHARS + 1];
    make(&asked, token);
    CHECK_EQ(link_token_read(link_key, text_of(token), &claim), ERR_OK);
    CHECK_EQ(claim.expires.ms, 60000);
    CHECK_EQ(link_token_holds(&claim, 'a', (struct wall_ms){59999}), ERR_OK);
    CHECK_EQ(link_token_holds(&claim, 'a', (struct wall_ms){60000}), ERR_TIMEOUT);
    CHECK_EQ(link_token_holds(&claim, 'b', (struct wall_ms){0}), ERR_USAGE);
}

int main(void)
{
    static const uint8_t seal_key[SEAL_KEY_BYTES] = {1, 2, 3};
    link_key_derive(seal_key, link_key);
    CHECK_RUN(what_was_signed_comes_back);
    CHECK_RUN(a_known_token_stays_what_it_is);
    CHECK_RUN(any_flipped_bit_is_refused);
    CHECK_RUN(another_key_refuses_and_the_seal_key_is_not_the_links);
    CHECK_RUN(what_is_no_token_is_no_token);
    CHECK_RUN(only_an_id_and_a_letter_can_be_signed);
    CHECK_RUN(it_holds_until_the_minute_it_expires_for_its_one_purpose);
    return check_done();
}
