/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that seal people's addresses: lines of 64 hexadecimal digits in a file of mode 0600.
 * Making it is a race between roles that start together: a link decides who was first, and
 * everybody then reads the one file. It is replaced as a whole, so that a crash leaves the old
 * keys or the new ones.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/os_error.h"
#include "config/policy.h"
#include "config/seal_keys.h"

#define KEY_TEXT_BYTES ((size_t)SEAL_KEY_BYTES * 2)
#define FILE_BYTES_MAX (SEAL_KEYS_MAX * (KEY_TEXT_BYTES + WALL_TEXT_BYTES))
#define PATH_BYTES     4096

/* What this process works with; roles are one thread. */
static struct seal_keys known;
static char known_path[PATH_BYTES];

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
    if (text.bytes != KEY_TEXT_BYTES) {
        return false;
    }
    for (size_t i = 0; i < SEAL_KEY_BYTES; i++) {
        uint8_t high = 0;
        uint8_t low = 0;
        if (!hex_digit(text.ptr[2 * i], &high) || !hex_digit(text.ptr[2 * i + 1], &low)) {
            return false;
        }
        ret_key[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* "HEX" first, then "HEX 2026-03-02T09:00:00Z". */
static bool line_parse(struct text line, bool first, struct seal_key *ret_key)
{
    const struct text hex = {line.ptr, line.bytes < KEY_TEXT_BYTES ? line.bytes : KEY_TEXT_BYTES};
    struct text since = {line.ptr + hex.bytes, line.bytes - hex.bytes};
    if (!key_parse(hex, ret_key->bytes)) {
        return false;
    }
    crypto_key_id(ret_key->bytes, ret_key->id);
    if (since.bytes == 0) {
        return first;
    }
    since.ptr++;
    since.bytes--;
    return !first && since.ptr[-1] == ' ' &&
           wall_parse(since.ptr, since.bytes, &ret_key->retired) == ERR_OK;
}

static bool lines_parse(struct text text, struct seal_keys *keys)
{
    *keys = (struct seal_keys){0};
    while (text.bytes > 0) {
        const char *const end = memchr(text.ptr, '\n', text.bytes);
        const size_t bytes = end ? (size_t)(end - text.ptr) : text.bytes;
        if (keys->count == SEAL_KEYS_MAX ||
            !line_parse(
                (struct text){text.ptr, bytes}, keys->count == 0, &keys->keys[keys->count])) {
            return false;
        }
        keys->count++;
        text.ptr += bytes + (end != NULL);
        text.bytes -= bytes + (end != NULL);
    }
    return keys->count > 0;
}

enum err seal_keys_read(const char *path, struct seal_keys *ret_keys, struct err_why *why)
{
    struct buf buf;
    struct seal_keys keys;
    buf_init(&buf, FILE_BYTES_MAX + 2);
    enum err err = file_read(path, &buf, why);
    if (err == ERR_FULL || (err == ERR_OK && !lines_parse(buf_view(&buf), &keys))) {
        err = err_set(
            why, ERR_CORRUPT,
            "%s holds no keys: each line must have %zu hexadecimal digits, and behind the first "
            "line the instant since which the key is old",
            path, KEY_TEXT_BYTES);
    }
    if (err == ERR_OK) {
        *ret_keys = keys;
    }
    buf_release(&buf);
    return err;
}

static enum err keys_write(const char *path, const struct seal_keys *keys, struct err_why *why)
{
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    for (size_t i = 0; i < keys->count; i++) {
        char since[WALL_TEXT_BYTES];
        crypto_hex(&text, keys->keys[i].bytes, SEAL_KEY_BYTES);
        if (i > 0) {
            buf_format(&text, " %s", wall_format(keys->keys[i].retired, 0, since));
        }
        buf_char(&text, '\n');
    }
    enum err err = buf_error(&text);
    if (err == ERR_OK) {
        err = file_write(path, buf_view(&text), 0600, why);
    }
    buf_release(&text);
    return err;
}

enum err seal_keys_rotate(
    const char *path, struct wall_ms now, struct seal_keys *ret_keys, struct err_why *why)
{
    struct seal_keys keys;
    enum err err = seal_keys_read(path, &keys, why);
    if (err != ERR_OK) {
        return err;
    }
    if (keys.count == SEAL_KEYS_MAX) {
        return err_set(
            why, ERR_FULL, "%s holds %d keys: `nrt keys prune` removes those that nothing uses",
            path, SEAL_KEYS_MAX);
    }
    memmove(&keys.keys[1], &keys.keys[0], keys.count * sizeof keys.keys[0]);
    keys.keys[1].retired = now;
    keys.keys[0] = (struct seal_key){0};
    crypto_random(keys.keys[0].bytes, SEAL_KEY_BYTES);
    crypto_key_id(keys.keys[0].bytes, keys.keys[0].id);
    keys.count++;
    err = keys_write(path, &keys, why);
    if (err == ERR_OK) {
        known = keys;
        *ret_keys = keys;
    }
    return err;
}

enum err seal_keys_drop(
    const char *path, struct text id, struct seal_keys *ret_keys, struct err_why *why)
{
    struct seal_keys keys;
    size_t at = 0;
    enum err err = seal_keys_read(path, &keys, why);
    if (err != ERR_OK) {
        return err;
    }
    while (at < keys.count && !text_is(id, keys.keys[at].id)) {
        at++;
    }
    if (at == 0 || at == keys.count) {
        return err_set(
            why, at == 0 ? ERR_USAGE : ERR_NOT_FOUND, "%s",
            at == 0 ? "the first key seals: it cannot go" : "there is no key of this id");
    }
    memmove(&keys.keys[at], &keys.keys[at + 1], (keys.count - at - 1) * sizeof keys.keys[0]);
    keys.count--;
    err = keys_write(path, &keys, why);
    if (err == ERR_OK) {
        known = keys;
        *ret_keys = keys;
    }
    return err;
}

const struct seal_keys *seal_keys_known(void)
{
    return &known;
}

static bool known_find(struct text id, uint8_t ret_key[static SEAL_KEY_BYTES])
{
    const struct seal_key *found =
        id.bytes == 0 && known.count > 0 ? &known.keys[known.count - 1] : NULL;
    for (size_t i = 0; !found && i < known.count; i++) {
        found = text_is(id, known.keys[i].id) ? &known.keys[i] : NULL;
    }
    if (found) {
        memcpy(ret_key, found->bytes, SEAL_KEY_BYTES);
    }
    return found != NULL;
}

/* Another process may have rotated meanwhile: the file is small, and unknown ids are rare. */
static bool find_key(struct text id, uint8_t ret_key[static SEAL_KEY_BYTES])
{
    struct seal_keys again;
    if (known_find(id, ret_key)) {
        return true;
    }
    if (!known_path[0] || seal_keys_read(known_path, &again, NULL) != ERR_OK) {
        return false;
    }
    known = again;
    return known_find(id, ret_key);
}

static enum err key_read(
    const char *path, uint8_t ret_key[static SEAL_KEY_BYTES], struct err_why *why)
{
    struct seal_keys keys;
    const enum err err = seal_keys_read(path, &keys, why);
    if (err == ERR_OK) {
        known = keys;
        (void)snprintf(known_path, sizeof known_path, "%s", path);
        crypto_set_key_finder(find_key);
        memcpy(ret_key, keys.keys[0].bytes, SEAL_KEY_BYTES);
    }
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
