/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token of a one-tap link: which message it was sent in, what it is for and how long it
 * counts, signed, so that the page behind PUBLIC_URL/a/TOKEN needs no sign-in and no table of
 * tokens. 44 characters that every phone keeps within one link (RFC 4648 base64url; the last one
 * is the purpose, so that no link ends in "-" or "_").
 *
 * Pure: no clock, no file. Who knows a token may do what its purpose says for its message until
 * it expires, and nothing else; it names no person and no number.
 */
#ifndef NRT_CONFIG_LINK_TOKEN_H
#define NRT_CONFIG_LINK_TOKEN_H

#include "base/crypto.h"
#include "base/wall.h"

#define LINK_KEY_BYTES   SHA256_BYTES
#define LINK_TOKEN_CHARS 44

/* How long a link counts where nothing else is said (settings: links_valid). */
#define LINK_LIFE_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

#define LINK_ACKNOWLEDGE 'a' /* see the case, acknowledge, object, name a delegate */

struct link_claim {
    char message[NRT_ID_BYTES]; /* as crypto_id makes them */
    struct wall_ms expires;     /* counts in whole minutes, rounded up */
    char purpose;               /* LINK_ACKNOWLEDGE, or another letter or digit */
};

/* The key for links, from the key that seals addresses: neither tells the other. */
void link_key_derive(
    const uint8_t seal_key[static SEAL_KEY_BYTES], uint8_t ret_key[static LINK_KEY_BYTES]);

/*
 * Append the token: the same claim gives the same token. ERR_USAGE when the message is no id or
 * the purpose no letter or digit; what the buffer says otherwise.
 */
enum err link_token_make(
    const uint8_t key[static LINK_KEY_BYTES],
    const struct link_claim *claim,
    struct buf *token) ERR_MUST_USE;

/*
 * What a token claims, checked in this order: ERR_PARSE when it has not the form of one,
 * ERR_REFUSED when this key did not sign it. Whether it has expired and whether its purpose is
 * the caller's are link_token_holds's to say.
 */
enum err link_token_read(
    const uint8_t key[static LINK_KEY_BYTES],
    struct text token,
    struct link_claim *ret_claim) ERR_MUST_USE;

/* ERR_USAGE for another purpose, ERR_TIMEOUT from the instant of expiry on. */
enum err link_token_holds(const struct link_claim *claim, char purpose, struct wall_ms now)
    ERR_MUST_USE;

#endif
