/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 33 bytes: 12 of the signature, 4 of the expiry in minutes, 17 of the message's id (130 bits)
 * with the purpose in the 6 bits that are left. 33 bytes are 44 characters without padding, so
 * every token has one spelling. The signature covers all that follows it.
 */
#include "config/link_token.h"

#include <assert.h>
#include <string.h>

#define SIGNATURE_BYTES 12
#define EXPIRY_BYTES    4
#define SUBJECT_BYTES   17
#define SIGNED_BYTES    (EXPIRY_BYTES + SUBJECT_BYTES)
#define TOKEN_BYTES     (SIGNATURE_BYTES + SIGNED_BYTES)
#define ID_CHARS        (NRT_ID_BYTES - 1)
#define MINUTE_MS       INT64_C(60000)

static_assert(TOKEN_BYTES * 4 == LINK_TOKEN_CHARS * 3, "a token has no padding");
static_assert(SUBJECT_BYTES * 8 == ID_CHARS * 5 + 6, "an id and a purpose fill the subject");
static_assert(WALL_MS_MAX / MINUTE_MS < UINT32_MAX, "every instant has its minute");

static const char id_digits[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char link_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
#define PURPOSE_COUNT 62 /* of link_digits, the letters and figures */

void link_key_derive(
    const uint8_t seal_key[static SEAL_KEY_BYTES], uint8_t ret_key[static LINK_KEY_BYTES])
{
    crypto_hmac_sha256(
        (struct text){(const char *)seal_key, SEAL_KEY_BYTES}, TEXT_LITERAL("link"), ret_key);
}

static int digit_value(const char *digits, char c)
{
    const char *const found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* The id's 130 bits and the purpose's 6, most significant first. */
static bool subject_pack(const struct link_claim *claim, uint8_t subject[static SUBJECT_BYTES])
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t at = 0;
    const int purpose = digit_value(link_digits, claim->purpose);
    for (size_t i = 0; i < ID_CHARS; i++) {
        const int value = digit_value(id_digits, claim->message[i]);
        if (value < 0) {
            return false;
        }
        bits = (bits << 5 | (uint32_t)value) & 0x1fff;
        for (bit_count += 5; bit_count >= 8; bit_count -= 8) {
            subject[at++] = (uint8_t)(bits >> (bit_count - 8));
        }
    }
    if (purpose < 0 || purpose >= PURPOSE_COUNT || claim->message[ID_CHARS] != '\0') {
        return false;
    }
    subject[at] = (uint8_t)(bits << 6 | (uint32_t)purpose);
    return true;
}

static bool subject_unpack(const uint8_t subject[static SUBJECT_BYTES], struct link_claim *claim)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t at = 0;
    for (size_t i = 0; i < ID_CHARS; i++) {
        if (bit_count < 5) {
            bits = (bits << 8 | subject[at++]) & 0xfff;
            bit_count += 8;
        }
        bit_count -= 5;
        claim->message[i] = id_digits[bits >> bit_count & 31];
    }
    claim->message[ID_CHARS] = '\0';
    claim->purpose = link_digits[subject[SUBJECT_BYTES - 1] & 63];
    return (subject[SUBJECT_BYTES - 1] & 63) < PURPOSE_COUNT;
}

static void sign(const uint8_t *key, const uint8_t *bytes, uint8_t mac[static SHA256_BYTES])
{
    crypto_hmac_sha256(
        (struct text){(const char *)key, LINK_KEY_BYTES},
        (struct text){(const char *)bytes, SIGNED_BYTES}, mac);
}

/* Three bytes as four characters. */
static void token_spell(const uint8_t raw[static TOKEN_BYTES], struct buf *token)
{
    for (size_t i = 0; i < TOKEN_BYTES; i += 3) {
        const uint32_t group = (uint32_t)raw[i] << 16 | (uint32_t)raw[i + 1] << 8 | raw[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) {
            buf_char(token, link_digits[group >> shift & 63]);
        }
    }
}

static bool token_unspell(struct text token, uint8_t raw[static TOKEN_BYTES])
{
    uint32_t group = 0;
    if (token.bytes != LINK_TOKEN_CHARS) {
        return false;
    }
    for (size_t i = 0; i < token.bytes; i++) {
        const int value = digit_value(link_digits, token.ptr[i]);
        if (value < 0) {
            return false;
        }
        group = group << 6 | (uint32_t)value;
        if (i % 4 == 3) {
            raw[i / 4 * 3] = (uint8_t)(group >> 16);
            raw[i / 4 * 3 + 1] = (uint8_t)(group >> 8);
            raw[i / 4 * 3 + 2] = (uint8_t)group;
        }
    }
    return true;
}

enum err link_token_make(
    const uint8_t key[static LINK_KEY_BYTES], const struct link_claim *claim, struct buf *token)
{
    uint8_t raw[TOKEN_BYTES];
    uint8_t mac[SHA256_BYTES];
    if (claim->expires.ms < 0 || claim->expires.ms > WALL_MS_MAX) {
        return ERR_RANGE;
    }
    const uint32_t minute = (uint32_t)((claim->expires.ms + MINUTE_MS - 1) / MINUTE_MS);
    for (int i = 0; i < EXPIRY_BYTES; i++) {
        raw[SIGNATURE_BYTES + i] = (uint8_t)(minute >> (24 - 8 * i));
    }
    if (!subject_pack(claim, raw + SIGNATURE_BYTES + EXPIRY_BYTES)) {
        return ERR_USAGE;
    }
    sign(key, raw + SIGNATURE_BYTES, mac);
    memcpy(raw, mac, SIGNATURE_BYTES);
    token_spell(raw, token);
    return buf_error(token);
}

enum err link_token_read(
    const uint8_t key[static LINK_KEY_BYTES], struct text token, struct link_claim *ret_claim)
{
    uint8_t raw[TOKEN_BYTES];
    uint8_t mac[SHA256_BYTES];
    uint32_t minute = 0;
    struct link_claim claim;
    if (!token_unspell(token, raw)) {
        return ERR_PARSE;
    }
    sign(key, raw + SIGNATURE_BYTES, mac);
    if (!crypto_equal(
            (struct text){(const char *)mac, SIGNATURE_BYTES},
            (struct text){(const char *)raw, SIGNATURE_BYTES})) {
        return ERR_REFUSED;
    }
    for (int i = 0; i < EXPIRY_BYTES; i++) {
        minute = minute << 8 | raw[SIGNATURE_BYTES + i];
    }
    if (!subject_unpack(raw + SIGNATURE_BYTES + EXPIRY_BYTES, &claim)) {
        return ERR_PARSE;
    }
    claim.expires.ms = (int64_t)minute * MINUTE_MS;
    *ret_claim = claim;
    return ERR_OK;
}

enum err link_token_holds(const struct link_claim *claim, char purpose, struct wall_ms now)
{
    if (claim->purpose != purpose) {
        return ERR_USAGE;
    }
    return now.ms < claim->expires.ms ? ERR_OK : ERR_TIMEOUT;
}
