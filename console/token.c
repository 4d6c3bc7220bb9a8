/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access token of this installation: 32 random bytes in hex in DATA/token, readable by its
 * owner only. Never logged.
 */
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "console/console.h"

static enum err token_make(const char *path, char *ret_token, struct err_why *why)
{
    uint8_t bytes[TOKEN_BYTES / 2];
    struct buf text;
    buf_init(&text, TOKEN_BYTES + 2);
    crypto_random(bytes, sizeof(bytes));
    crypto_hex(&text, bytes, sizeof(bytes));
    memcpy(ret_token, text.ptr, TOKEN_BYTES);
    ret_token[TOKEN_BYTES] = '\0';
    buf_char(&text, '\n');
    const enum err err = file_write(path, buf_view(&text), 0600, why);
    buf_release(&text);
    return err;
}

enum err token_load(const char *path, char *ret_token, struct err_why *why)
{
    struct buf text;
    buf_init(&text, 4096);
    enum err err = file_read(path, &text, why);
    if (err == ERR_NOT_FOUND) {
        err = token_make(path, ret_token, why);
    } else if (!err) {
        while (text.bytes > 0 &&
               (text.ptr[text.bytes - 1] == '\n' || text.ptr[text.bytes - 1] == '\r')) {
            buf_cut(&text, text.bytes - 1);
        }
        if (text.bytes == TOKEN_BYTES) {
            memcpy(ret_token, text.ptr, TOKEN_BYTES + 1);
        } else {
            err = err_set(
                why, ERR_PARSE,
                "%s must hold %d characters; delete it and start again to get a new token", path,
                TOKEN_BYTES);
        }
    }
    buf_release(&text);
    return err;
}
