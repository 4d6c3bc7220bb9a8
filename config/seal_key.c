/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key that seals people's addresses: 64 hexadecimal digits and a newline in a file of mode
 * 0600. Making it is a race between roles that start together: a link decides who was first, and
 * everybody then reads the one file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/os_error.h"
#include "config/policy.h"

#define KEY_TEXT_BYTES ((size_t)SEAL_KEY_BYTES * 2)

static bool hex_digit(char c, uint8_t *ret_digit)
{
    if (c >= '0' && c <= '9') {
        *ret_digit = (uint8_t)(c - '0');
        return true;
    }
    if (c >= 'a' && c <= 'f') {
        *ret_digit = (uint8_t)(c - 'a' + 10);
        return true;
    }
    return false;
}

static bool key_parse(struct text text, uint8_t ret_key[static SEAL_KEY_BYTES])
{
    uint8_t key[SEAL_KEY_BYTES];
    if (text.bytes > 0 && text.ptr[text.bytes - 1] == '\n') {
        text.bytes--;
    }
    if (text.bytes != KEY_TEXT_BYTES) {
        return false;
    }
    for (size_t i = 0; i < SEAL_KEY_BYTES; i++) {
        uint8_t high = 0;
        uint8_t low = 0;
        if (!hex_digit(text.ptr[2 * i], &high) || !hex_digit(text.ptr[2 * i + 1], &low)) {
            return false;
        }
        key[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(ret_key, key, SEAL_KEY_BYTES);
    return true;
}

static enum err key_read(
    const char *path, uint8_t ret_key[static SEAL_KEY_BYTES], struct err_why *why)
{
    struct buf buf;
    buf_init(&buf, KEY_TEXT_BYTES + 2);
    enum err err = file_read(path, &buf, why);
    if (err == ERR_FULL || (err == ERR_OK && !key_parse(buf_view(&buf), ret_key))) {
        err = err_set(
            why, ERR_CORRUPT, "%s is not a key: it must hold %zu hexadecimal digits", path,
            KEY_TEXT_BYTES);
    }
    buf_release(&buf);
    return err;
}

static enum err key_make(const char *path, struct err_why *why)
{
    char own[1024];
    uint8_t key[SEAL_KEY_BYTES];
    struct buf text;
    const int bytes = snprintf(own, sizeof own, "%s.%ld", path, (long)getpid());
    if (bytes < 0 || (size_t)bytes >= sizeof own) {
        return err_set(why, ERR_RANGE, "the path of the key is too long");
    }
    crypto_random(key, sizeof key);
    buf_init(&text, 128);
    crypto_hex(&text, key, sizeof key);
    buf_char(&text, '\n');
    enum err err = buf_error(&text);
    if (err == ERR_OK) {
        err = file_write(own, buf_view(&text), 0600, why);
    }
    buf_release(&text);
    if (err != ERR_OK) {
        return err;
    }
    if (link(own, path) != 0 && errno != EEXIST) {
        err = err_set(
            why, ERR_IO, "cannot make %s: %s", path, os_error(errno, (char[OS_ERROR_BYTES]){0}));
    }
    (void)unlink(own);
    return err;
}

enum err seal_key_load(
    const char *path, bool make, uint8_t ret_key[static SEAL_KEY_BYTES], struct err_why *why)
{
    enum err err = key_read(path, ret_key, why);
    if (err != ERR_NOT_FOUND || !make) {
        return err;
    }
    err = key_make(path, why);
    return err == ERR_OK ? key_read(path, ret_key, why) : err;
}
