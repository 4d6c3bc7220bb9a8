/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes, signatures, encodings and sealed values (OpenSSL is used in base/crypto.c only).
 */
#ifndef NRT_BASE_CRYPTO_H
#define NRT_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define SHA256_BYTES   32
#define SHA1_BYTES     20
#define MD5_BYTES      16
#define SEAL_KEY_BYTES 32

void crypto_sha256(struct text data, uint8_t ret_digest[static SHA256_BYTES]);
void crypto_hmac_sha256(struct text key, struct text data, uint8_t ret_mac[static SHA256_BYTES]);
/*
 * For gateways that sign with nothing better. Where the system allows no such algorithm (FIPS):
 * ERR_NOT_FOUND, nothing is set.
 */
enum err crypto_hmac_sha1(struct text key, struct text data, uint8_t ret_mac[static SHA1_BYTES])
    ERR_MUST_USE;
enum err crypto_md5(struct text data, uint8_t ret_digest[static MD5_BYTES]) ERR_MUST_USE;
/* Random bytes from the system; aborts if there are none (a machine without randomness is a bug).
 */
void crypto_random(void *ret_bytes, size_t byte_count);
/* Constant time; false also when lengths differ. */
bool crypto_equal(struct text a, struct text b);

void crypto_hex(struct buf *buf, const uint8_t *bytes, size_t byte_count);    /* lower case */
void crypto_base64(struct buf *buf, const uint8_t *bytes, size_t byte_count); /* RFC 4648, padded */
/* Appends the lower-case hex of the digest. */
void crypto_sha256_hex(struct buf *buf, struct text data);
void crypto_hmac_sha256_hex(struct buf *buf, struct text key, struct text data);
/* RFC 4648 base32 in lower case without padding. */
void crypto_base32(struct buf *buf, const uint8_t *bytes, size_t byte_count);
enum err crypto_base64_decode(struct text text, struct buf *buf) ERR_MUST_USE;

/* Percent-encode all but A-Za-z0-9-_.~ with upper-case hex (RFC 3986). */
void crypto_url_encode(struct buf *buf, struct text text);
/* Decode %XX and (when plus) '+'; ERR_PARSE for a bad escape or a NUL. */
enum err crypto_url_decode(struct buf *buf, struct text text, bool plus) ERR_MUST_USE;

/*
 * Sealed values: "ALGORITHM:KEYID:BASE64". The algorithm is "intl" (nonce | AES-256-GCM ciphertext
 * | tag), so that others ("sm") can follow; the key's id says which of several keys opens it, so
 * that keys can change. What older programs sealed has no id. `context` is authenticated but not
 * stored.
 */
#define SEAL_KEY_ID_BYTES 9 /* 8 hexadecimal digits and a NUL: they tell nothing of the key */
void crypto_key_id(const uint8_t key[static SEAL_KEY_BYTES], char ret_id[static SEAL_KEY_ID_BYTES]);
enum err crypto_seal(
    const uint8_t key[static SEAL_KEY_BYTES],
    struct text context,
    struct text plain,
    struct buf *sealed) ERR_MUST_USE;
/*
 * With `key`, or with the one that the value names where the process knows it (see below).
 * ERR_PROTO for an algorithm that this program does not have, ERR_NOT_FOUND for a key that nobody
 * has, ERR_CORRUPT or ERR_PARSE for a value that is broken or of another context.
 */
enum err crypto_open(
    const uint8_t key[static SEAL_KEY_BYTES],
    struct text context,
    struct text sealed,
    struct buf *plain) ERR_MUST_USE;
/* The parts of a sealed value; the id empty where it has none. False when it is none. */
bool crypto_sealed_parts(struct text sealed, struct text *ret_algorithm, struct text *ret_key_id);
/*
 * Who knows further keys (config/seal_key.c): asked by crypto_open for a key by its id, empty: the
 * oldest one. One for the process, set before the first value is opened.
 */
typedef bool crypto_find_key_fn(struct text key_id, uint8_t ret_key[static SEAL_KEY_BYTES]);
void crypto_set_key_finder(crypto_find_key_fn *find);

#define NRT_ID_BYTES 27 /* 26 characters and a NUL */
/*
 * Identity of alerts and messages: the first 26 characters of base32(SHA-256(parts joined by
 * "\n")). Alert: case, clock, run, stage, instant_ms; message: the same, person, channel.
 */
void crypto_id(const struct text *parts, size_t part_count, char ret_id[static NRT_ID_BYTES]);

#endif
