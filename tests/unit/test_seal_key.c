/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key file: made once, with no rights for others, the same for everybody who asks at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "config/policy.h"
#include "config/seal_keys.h"
#include "tests/support/check.h"

static char folder[] = "/tmp/test_seal_key.XXXXXX";
static char path[128];

static void a_key_is_made_once_and_kept_private(void)
{
    uint8_t first[SEAL_KEY_BYTES];
    uint8_t second[SEAL_KEY_BYTES];
    struct err_why why = {0};
    struct stat info;
    CHECK(seal_key_load(path, false, first, &why) == ERR_NOT_FOUND);
    CHECK(seal_key_load(path, true, first, &why) == ERR_OK);
    CHECK(seal_key_load(path, true, second, &why) == ERR_OK);
    CHECK(memcmp(first, second, SEAL_KEY_BYTES) == 0);
    CHECK(stat(path, &info) == 0);
    CHECK_EQ(info.st_mode & 0777, 0600);
    CHECK_EQ(info.st_size, 65);
    (void)unlink(path);
}

static void what_is_not_a_key_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "short",
        "zz",
        "\n",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeef",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeffff\n",
        "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\n"};
    uint8_t key[SEAL_KEY_BYTES];
    struct err_why why;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_note("%s", bad[i]);
        CHECK(file_write(path, text_of(bad[i]), 0600, NULL) == ERR_OK);
        CHECK(seal_key_load(path, true, key, &why) == ERR_CORRUPT);
        CHECK(strstr(why.text, "64 hexadecimal digits"));
    }
    CHECK(
        file_write(
            path, TEXT_LITERAL("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
            0600, NULL) == ERR_OK);
    CHECK(seal_key_load(path, false, key, &why) == ERR_OK);
    CHECK_EQ(key[0], 0x00);
    CHECK_EQ(key[31], 0xff);
    (void)unlink(path);
}

#define RACERS 8

static void roles_that_start_together_get_one_key(void)
{
    for (int round = 0; round < 20; round++) {
        int ends[2];
        CHECK(pipe(ends) == 0);
        for (int i = 0; i < RACERS; i++) {
            if (fork() == 0) {
                uint8_t key[SEAL_KEY_BYTES] = {0};
                if (seal_key_load(path, true, key, NULL) != ERR_OK ||
                    write(ends[1], key, sizeof key) != (ssize_t)sizeof key) {
                    _exit(1);
                }
                _exit(0);
            }
        }
        for (int i = 0; i < RACERS; i++) {
            int status = -1;
            CHECK(wait(&status) > 0);
            CHECK_EQ(status, 0);
        }
        uint8_t keys[RACERS][SEAL_KEY_BYTES];
        CHECK_EQ(read(ends[0], keys, sizeof keys), sizeof keys);
        for (int i = 1; i < RACERS; i++) {
            CHECK(memcmp(keys[i], keys[0], SEAL_KEY_BYTES) == 0);
        }
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)unlink(path);
    }
}

static void a_new_key_seals_and_the_old_ones_open(void)
{
    uint8_t first[SEAL_KEY_BYTES];
    uint8_t now[SEAL_KEY_BYTES];
    struct seal_keys keys;
    struct err_why why = {0};
    struct buf sealed;
    struct buf plain;
    buf_init(&sealed, 1000);
    buf_init(&plain, 1000);
    CHECK_EQ(seal_key_load(path, true, first, &why), ERR_OK);
    CHECK_EQ(crypto_seal(first, TEXT_LITERAL("c"), TEXT_LITERAL("old"), &sealed), ERR_OK);
    CHECK_EQ(seal_keys_rotate(path, (struct wall_ms){1000000}, &keys, &why), ERR_OK);
    CHECK_EQ(keys.count, 2);
    CHECK_EQ(keys.keys[1].retired.ms, 1000000);
    CHECK(memcmp(keys.keys[1].bytes, first, SEAL_KEY_BYTES) == 0);
    CHECK_EQ(seal_key_load(path, false, now, &why), ERR_OK);
    CHECK(memcmp(now, first, SEAL_KEY_BYTES) != 0);
    CHECK_EQ(crypto_open(now, TEXT_LITERAL("c"), buf_view(&sealed), &plain), ERR_OK);
    CHECK_EQ(seal_keys_drop(path, text_of(keys.keys[0].id), &keys, &why), ERR_USAGE);
    CHECK_EQ(seal_keys_drop(path, TEXT_LITERAL("00000000"), &keys, &why), ERR_NOT_FOUND);
    CHECK_EQ(seal_keys_drop(path, text_of(keys.keys[1].id), &keys, &why), ERR_OK);
    CHECK_EQ(keys.count, 1);
    CHECK_EQ(crypto_open(now, TEXT_LITERAL("c"), buf_view(&sealed), &plain), ERR_NOT_FOUND);
    while (keys.count < SEAL_KEYS_MAX) {
        CHECK_EQ(seal_keys_rotate(path, (struct wall_ms){2000000}, &keys, &why), ERR_OK);
    }
    CHECK_EQ(seal_keys_rotate(path, (struct wall_ms){2000000}, &keys, &why), ERR_FULL);
    CHECK(strstr(why.text, "nrt keys prune"));
    buf_release(&sealed);
    buf_release(&plain);
    (void)unlink(path);
}

/* A role that runs on meets a value of a key that another process has made. */
static void a_key_made_elsewhere_is_found_without_a_restart(void)
{
    uint8_t key[SEAL_KEY_BYTES];
    int ends[2];
    char sealed[256] = "";
    struct buf plain;
    struct err_why why;
    buf_init(&plain, 1000);
    CHECK_EQ(seal_key_load(path, true, key, &why), ERR_OK);
    CHECK(pipe(ends) == 0);
    if (fork() == 0) {
        struct seal_keys keys;
        struct buf buf;
        buf_init(&buf, 1000);
        const bool made =
            seal_keys_rotate(path, (struct wall_ms){1000000}, &keys, NULL) == ERR_OK &&
            crypto_seal(keys.keys[0].bytes, TEXT_LITERAL("c"), TEXT_LITERAL("new"), &buf) ==
                ERR_OK &&
            write(ends[1], buf.ptr, buf.bytes) == (ssize_t)buf.bytes;
        _exit(made ? 0 : 1);
    }
    int status = -1;
    CHECK(wait(&status) > 0);
    CHECK_EQ(status, 0);
    CHECK(read(ends[0], sealed, sizeof sealed - 1) > 0);
    CHECK_EQ(seal_keys_known()->count, 1);
    CHECK_EQ(crypto_open(key, TEXT_LITERAL("c"), text_of(sealed), &plain), ERR_OK);
    CHECK_EQ(seal_keys_known()->count, 2);
    CHECK_STR(plain.ptr, "new");
    buf_release(&plain);
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)unlink(path);
}

int main(void)
{
    CHECK(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/key", folder);
    CHECK_RUN(a_key_is_made_once_and_kept_private);
    CHECK_RUN(what_is_not_a_key_is_refused);
    CHECK_RUN(roles_that_start_together_get_one_key);
    CHECK_RUN(a_new_key_seals_and_the_old_ones_open);
    CHECK_RUN(a_key_made_elsewhere_is_found_without_a_restart);
    CHECK(rmdir(folder) == 0); /* no temporary file is left behind */
    return check_done();
}
