/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libargon2 behind four functions. One lane: a second one would only take the other core away from
 * what else the machine does.
 */
#include "base/crypto_password.h"

#include <argon2.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"

#define LANES      1
#define SALT_BYTES 16
#define HASH_BYTES 32

struct password_cost password_cost_now = {
    .memory_kib = PASSWORD_MEMORY_KIB, .passes = PASSWORD_PASSES};

static enum err err_of(int code)
{
    if (code == ARGON2_OK) {
        return ERR_OK;
    }
    if (code == ARGON2_VERIFY_MISMATCH) {
        return ERR_REFUSED;
    }
    return code == ARGON2_MEMORY_ALLOCATION_ERROR ? ERR_NO_MEMORY : ERR_CORRUPT;
}

enum err password_hash(
    struct text password,
    const struct password_cost *cost,
    char ret_hash[static PASSWORD_HASH_BYTES_MAX])
{
    uint8_t salt[SALT_BYTES];
    char hash[PASSWORD_HASH_BYTES_MAX];
    if (password.bytes == 0 || password.bytes > PASSWORD_BYTES_MAX) {
        return ERR_RANGE;
    }
    crypto_random(salt, sizeof salt);
    const int code = argon2id_hash_encoded(
        cost->passes, cost->memory_kib, LANES, password.ptr, password.bytes, salt, sizeof salt,
        HASH_BYTES, hash, sizeof hash);
    if (code == ARGON2_OK) {
        memcpy(ret_hash, hash, sizeof hash);
    }
    return err_of(code);
}

/* The parameters of a hash of ours; false for any other text. */
static bool cost_read(struct text hash, struct password_cost *ret_cost)
{
    char text[PASSWORD_HASH_BYTES_MAX];
    uint32_t lanes = 0;
    int end = 0;
    if (hash.bytes == 0 || hash.bytes >= sizeof text || memchr(hash.ptr, '\0', hash.bytes)) {
        return false;
    }
    (void)snprintf(text, sizeof text, "%.*s", TEXT_ARGS(hash));
    /* NOLINTNEXTLINE(cert-err34-c): a number that does not fit is none of ours, see below */
    const int read = sscanf(
        text, "$argon2id$v=19$m=%7" SCNu32 ",t=%3" SCNu32 ",p=%2" SCNu32 "$%n",
        &ret_cost->memory_kib, &ret_cost->passes, &lanes, &end);
    return read == 3 && end > 0 && lanes == LANES;
}

enum err password_verify(struct text password, struct text hash)
{
    char text[PASSWORD_HASH_BYTES_MAX];
    struct password_cost cost;
    if (!cost_read(hash, &cost)) {
        return ERR_CORRUPT;
    }
    if (password.bytes == 0 || password.bytes > PASSWORD_BYTES_MAX) {
        return password_verify_nothing(password);
    }
    (void)snprintf(text, sizeof text, "%.*s", TEXT_ARGS(hash));
    return err_of(argon2id_verify(text, password.ptr, password.bytes));
}

bool password_is_stale(struct text hash, const struct password_cost *cost)
{
    struct password_cost had = {0};
    return !cost_read(hash, &had) || had.memory_kib < cost->memory_kib || had.passes < cost->passes;
}

enum err password_verify_nothing(struct text password)
{
    static const uint8_t salt[SALT_BYTES] = {0};
    uint8_t hash[HASH_BYTES];
    const size_t bytes = password.bytes < PASSWORD_BYTES_MAX ? password.bytes : PASSWORD_BYTES_MAX;
    const int code = argon2id_hash_raw(
        password_cost_now.passes, password_cost_now.memory_kib, LANES,
        bytes > 0 ? password.ptr : "", bytes, salt, sizeof salt, hash, sizeof hash);
    return code == ARGON2_OK ? ERR_REFUSED : err_of(code);
}
