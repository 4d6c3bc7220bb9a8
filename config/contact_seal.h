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

/* What is authenticated with a person's sealed value: "person:ID". */
#define CONTACT_CONTEXT_BYTES (sizeof "person:" + READ_ID_BYTES_MAX)
struct text contact_context(struct text person, char context[static CONTACT_CONTEXT_BYTES]);

/* True for the keys of a person that are addresses ("mobile", "dingtalk" ...). */
bool contact_is_address(struct text key);

/*
 * Open into contact (texts in the reader's arena); a wrong key or broken value is reported. What
 * the contact has already stays: a number written beside the sealed ones is the newer one.
 */
void contact_open(
    struct reader *reader,
    const struct json_value *value,
    struct text sealed,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct contact *contact);

/* Append the addresses as JSON members of an open object, always in one order. */
void contact_members(const struct contact *contact, struct json_out *out);

/* Append the sealed form of a person's addresses; nothing when there are none. */
enum err contact_seal(
    const struct contact *contact,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct buf *sealed) ERR_MUST_USE;

#endif
