/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords as Argon2id hashes (libargon2 is used in base/crypto_password.c only). A hash is text
 * that carries its own parameters and salt ("$argon2id$v=19$m=..."), so that they can be raised:
 * who signs in with an older hash gets a new one. Takes tens of milliseconds and
 * PASSWORD_MEMORY_KIB of memory on purpose: never on a loop's thread where it can be helped. Safe
 * in any thread.
 */
#ifndef NRT_BASE_CRYPTO_PASSWORD_H
#define NRT_BASE_CRYPTO_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define PASSWORD_MEMORY_KIB     (32 * 1024)
#define PASSWORD_PASSES         3
#define PASSWORD_BYTES_MAX      256 /* of a password */
#define PASSWORD_HASH_BYTES_MAX 160 /* of the text, with its NUL */

/* What a hash costs. */
struct password_cost {
    uint32_t memory_kib;
    uint32_t passes;
};
/* What new ones cost. Only tests change it, before anything is hashed. */
extern struct password_cost password_cost_now;

/* ERR_RANGE for an empty or too long password, ERR_NO_MEMORY when there is not enough. */
enum err password_hash(
    struct text password,
    const struct password_cost *cost,
    char ret_hash[static PASSWORD_HASH_BYTES_MAX]) ERR_MUST_USE;
/*
 * ERR_OK when it is the password of that hash, ERR_REFUSED when it is not, ERR_CORRUPT for a text
 * that is no such hash, ERR_NO_MEMORY.
 */
enum err password_verify(struct text password, struct text hash) ERR_MUST_USE;
/* Was it made with less than `cost`, or is it none of ours? */
bool password_is_stale(struct text hash, const struct password_cost *cost);
/*
 * What verifying a wrong password costs, for names that nobody has: the answer must not come
 * sooner. Always ERR_REFUSED, or ERR_NO_MEMORY.
 */
enum err password_verify_nothing(struct text password) ERR_MUST_USE;

#endif
