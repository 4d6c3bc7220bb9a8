/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of DATA/seal.key: the first one seals, all of them open. One a line, 64 hexadecimal
 * digits, behind an older one the instant since which it no longer seals. A process that meets
 * a value of a key it does not know reads the file again, so that a rotation needs no restart.
 */
#ifndef NRT_CONFIG_SEAL_KEYS_H
#define NRT_CONFIG_SEAL_KEYS_H

#include "base/crypto.h"
#include "base/wall.h"

#define SEAL_KEYS_MAX 8

struct seal_key {
    uint8_t bytes[SEAL_KEY_BYTES];
    char id[SEAL_KEY_ID_BYTES];
    struct wall_ms retired; /* of all but the first */
};

struct seal_keys {
    struct seal_key keys[SEAL_KEYS_MAX];
    size_t count;
};

/* ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
enum err seal_keys_read(const char *path, struct seal_keys *ret_keys, struct err_why *why)
    ERR_MUST_USE;
/* A new first key; the others stay. ERR_FULL when there are SEAL_KEYS_MAX. */
enum err seal_keys_rotate(
    const char *path, struct wall_ms now, struct seal_keys *ret_keys, struct err_why *why)
    ERR_MUST_USE;
/* Without the key of this id. ERR_USAGE for the first one, ERR_NOT_FOUND for one it has not. */
enum err seal_keys_drop(
    const char *path, struct text id, struct seal_keys *ret_keys, struct err_why *why) ERR_MUST_USE;
/* The keys this process knows, as last read by seal_key_load() or a look-up. */
const struct seal_keys *seal_keys_known(void);

#endif
