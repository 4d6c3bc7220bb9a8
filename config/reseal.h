/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed values of a bundle's text (config/policy.h: bundle_to_json), without reading the rest:
 * which keys they need, and the same text with all of them sealed by another key. Every other byte
 * stays, so that a version is what it was.
 */
#ifndef NRT_CONFIG_RESEAL_H
#define NRT_CONFIG_RESEAL_H

#include "base/crypto.h"

#define RESEAL_KEYS_MAX 16

/* How many values name which key; the id empty: values of older programs. */
struct seal_uses {
    struct {
        char key_id[SEAL_KEY_ID_BYTES];
        size_t count;
    } uses[RESEAL_KEYS_MAX];
    size_t count;
};

/* Adds what the text uses. ERR_PARSE when it is no bundle, ERR_FULL for too many keys. */
enum err seal_uses_add(struct text bundle, struct seal_uses *uses) ERR_MUST_USE;
size_t seal_uses_of(const struct seal_uses *uses, const char *key_id);

/*
 * Append the text with all values sealed by this key; ret_count of them were sealed otherwise, 0:
 * nothing is appended. The errors of crypto_open, with the person in the why.
 */
enum err bundle_reseal(
    struct text bundle,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct buf *resealed,
    size_t *ret_count,
    struct err_why *why) ERR_MUST_USE;

#endif
