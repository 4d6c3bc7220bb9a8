/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a submitted form (application/x-www-form-urlencoded). Pure; bounded by FORM_MAX
 * fields. A field that is sent twice counts as it was sent first.
 */
#ifndef NRT_CONFIG_FORM_H
#define NRT_CONFIG_FORM_H

#include "base/arena.h"
#include "base/text.h"

#define FORM_MAX 16

struct form {
    struct {
        struct text name;
        struct text value;
    } fields[FORM_MAX];
    size_t count;
};

/*
 * Texts are decoded into the arena, values well-formed UTF-8. ERR_PARSE for what no browser sends,
 * ERR_FULL for too many fields.
 */
enum err form_read(struct text body, struct arena *arena, struct form *ret_form) ERR_MUST_USE;
/* Empty when there is none. */
struct text form_get(const struct form *form, const char *name);

#endif
