/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of roles and rights as words: joined by blanks where they are kept, as arrays in the API.
 */
#ifndef NRT_CONSOLE_DUTIES_H
#define NRT_CONSOLE_DUTIES_H

#include "base/json.h"
#include "console/actor.h"

#define DUTIES_TEXT_BYTES 80
#define RIGHTS_TEXT_BYTES 200

/* Words that nobody knows (any more) give nothing. */
uint32_t duties_read(struct text words);
uint32_t rights_read(struct text words);
/* Return text. */
const char *duties_write(uint32_t roles, char text[static DUTIES_TEXT_BYTES]);
const char *rights_write(uint32_t rights, char text[static RIGHTS_TEXT_BYTES]);

/* An array of words of the API; false, with the word that is none, for anything else. */
bool duties_read_json(
    const struct json_value *array, uint32_t *ret_roles, struct text *ret_unknown);
bool rights_read_json(
    const struct json_value *array, uint32_t *ret_rights, struct text *ret_unknown);
void duties_member(struct json_out *out, const char *key, uint32_t roles);
void rights_member(struct json_out *out, const char *key, uint32_t rights);

#endif
