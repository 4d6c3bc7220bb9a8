/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's addresses sealed for the applied configuration: one value per person, bound to the
 * person's id, so that a sealed address cannot be moved to somebody else.
 */
#ifndef NRT_CONFIG_CONTACT_SEAL_H
#define NRT_CONFIG_CONTACT_SEAL_H

#include "config/policy.h"
#include "config/read.h"

#define CONTACT_SEALED_KEY "sealed"

/* True for the keys of a person that are addresses ("mobile", "dingtalk" ...). */
bool contact_is_address(struct text key);

/* Open into contact (texts in the reader's arena); a wrong key or broken value is reported. */
void contact_open(
    struct reader *reader,
    const struct json_value *value,
    struct text sealed,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct contact *contact);

/* Append the sealed form of the addresses of a person object; nothing when it has none. */
enum err contact_seal(
    const struct json_value *person,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct buf *sealed) ERR_MUST_USE;

#endif
