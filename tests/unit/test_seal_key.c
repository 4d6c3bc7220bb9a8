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

int main(void)
{
    CHECK(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/key", folder);
    CHECK_RUN(a_key_is_made_once_and_kept_private);
    CHECK_RUN(what_is_not_a_key_is_refused);
    CHECK_RUN(roles_that_start_together_get_one_key);
    CHECK(rmdir(folder) == 0); /* no temporary file is left behind */
    return check_done();
}
