/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON for people to read and edit: what the configuration's files look like when they are taken
 * out of the service again.
 */
#ifndef NRT_CONSOLE_PRETTY_H
#define NRT_CONSOLE_PRETTY_H

#include "base/json.h"

/* Append the value indented by two blanks; what fits into a line stands in one. */
void pretty_value(const struct json_value *value, struct buf *out);
/* The same of a JSON text. ERR_PARSE. */
enum err pretty_text(struct text json, struct buf *out) ERR_MUST_USE;

#endif
