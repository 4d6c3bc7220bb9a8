/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "a=1&b=%E5%B7%B2": fields in the order they were sent.
 */
#include "config/form.h"

#include <string.h>

#include "base/crypto.h"

static enum err decode(struct text text, struct arena *arena, struct text *ret_text)
{
    struct buf buf;
    buf_init(&buf, text.bytes + 1);
    enum err err = crypto_url_decode(&buf, text, /* plus= */ true);
    if (!err && !utf8_valid(buf_view(&buf))) {
        err = ERR_PARSE;
    }
    if (!err) {
        *ret_text = arena_text(arena, buf_view(&buf));
        err = buf.bytes > 0 && !ret_text->ptr ? ERR_NO_MEMORY : ERR_OK;
    }
    buf_release(&buf);
    return err;
}

static enum err field_read(struct text pair, struct arena *arena, struct form *form)
{
    if (pair.bytes == 0) {
        return ERR_OK;
    }
    if (form->count == FORM_MAX) {
        return ERR_FULL;
    }
    const char *const equals = memchr(pair.ptr, '=', pair.bytes);
    const size_t name_bytes = equals ? (size_t)(equals - pair.ptr) : pair.bytes;
    const size_t skipped = equals ? name_bytes + 1 : name_bytes;
    const struct text name = {pair.ptr, name_bytes};
    const struct text value = {pair.ptr + skipped, pair.bytes - skipped};
    enum err err = decode(name, arena, &form->fields[form->count].name);
    if (!err) {
        err = decode(value, arena, &form->fields[form->count].value);
    }
    form->count += !err;
    return err;
}

enum err form_read(struct text body, struct arena *arena, struct form *ret_form)
{
    *ret_form = (struct form){0};
    enum err err = ERR_OK;
    while (!err && body.bytes > 0) {
        const char *const end = memchr(body.ptr, '&', body.bytes);
        const size_t bytes = end ? (size_t)(end - body.ptr) : body.bytes;
        err = field_read((struct text){body.ptr, bytes}, arena, ret_form);
        body.ptr += end ? bytes + 1 : bytes;
        body.bytes -= end ? bytes + 1 : bytes;
    }
    return err;
}

struct text form_get(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (text_is(form->fields[i].name, name)) {
            return form->fields[i].value;
        }
    }
    return (struct text){0};
}
