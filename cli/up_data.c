/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking possession of the data folder. Nothing is started before all of this has succeeded, and
 * nothing in a folder is ever cleared unless a demo of ours made it.
 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/up.h"
#include "config/policy.h"
#include "config/sending.h"

#define DEMO_MARK       "demo"
#define DEMO_MARK_TEXT  "A demo of nrt made this folder; the next demo clears it.\n"
#define OLD_REDIS_WAITS 100 /* of 100 ms */

static void path_in(const struct up *up, const char *name, char path[static PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/%.255s", up->data, name);
}

static int make_folder(struct up *up, const char *given)
{
    struct err_why why = {.text = ""};
    char resolved[PATH_MAX];
    if (file_make_folders(given, 0700, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s; choose another data folder with --data", why.text);
    }
    if (!realpath(given, resolved) || strlen(resolved) >= sizeof(up->data)) {
        return args_fail(EXIT_FOUND, "up", "cannot use %s: %s", given, strerrordesc_np(errno));
    }
    memcpy(up->data, resolved, strlen(resolved) + 1);
    if (access(up->data, R_OK | W_OK | X_OK) != 0 || chmod(up->data, 0700) != 0) {
        return args_fail(
            EXIT_FOUND, "up",
            "the data folder %s is not ours to write: %s; choose another with "
            "--data, or start nrt as its owner",
            up->data, strerrordesc_np(errno));
    }
    return EXIT_FINE;
}

static int take_lock(struct up *up)
{
    struct err_why why = {.text = ""};
    char path[PATH_MAX];
    path_in(up, "lock", path);
    const enum err err = file_lock(path, &up->lock_fd, &why);
    if (err == ERR_EXISTS) {
        return args_fail(
            EXIT_FOUND, "up",
            "%s is in use by another nrt (%s); stop that one, or give this one a "
            "folder of its own with --data",
            up->data, why.text);
    }
    if (err != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s", why.text);
    }
    return EXIT_FINE;
}

static int take_key(struct up *up)
{
    struct err_why why = {.text = ""};
    uint8_t key[SEAL_KEY_BYTES];
    char path[PATH_MAX];
    path_in(up, "seal.key", path);
    if (seal_key_load(path, true, key, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s", why.text);
    }
    explicit_bzero(key, sizeof(key));
    return EXIT_FINE;
}

/* ---- a restored backup ---- */

/* The notifiers find the mark, hold everything back, and take the mark away. */
static int mark_restored(struct up *up)
{
    struct err_why why = {.text = ""};
    char path[PATH_MAX];
    if (!up->options.restored) {
        return EXIT_FINE;
    }
    path_in(up, RESTORED_MARK, path);
    if (file_write(path, TEXT_LITERAL("restored\n"), 0600, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s", why.text);
    }
    return EXIT_FINE;
}

/* ---- clock.json ---- */

static int parse_from(const struct up *up, struct wall_ms *ret_from)
{
    const char *from = up->options.clock_from;
    *ret_from = clock_system();
    if (from && wall_parse(from, strlen(from), ret_from) != ERR_OK) {
        return args_misuse(
            "up", "--clock-from is not an instant such as 2026-02-13T10:00:00+08:00: '%s'", from);
    }
    return EXIT_FINE;
}

static int wanted_clock(const struct up *up, struct service_clock *ret_clock)
{
    const char *mode = up->options.clock;
    struct wall_ms from;
    double speed = 60;
    char *end = NULL;
    const int code = parse_from(up, &from);
    if (code != EXIT_FINE) {
        return code;
    }
    if (up->options.speed) {
        speed = strtod(up->options.speed, &end);
        if (end == up->options.speed || *end != '\0' || !(speed > 0 && speed <= 1e7)) {
            return args_misuse("up", "--speed must be a number above 0: '%s'", up->options.speed);
        }
    }
    if (strcmp(mode, "real") == 0) {
        clock_init_real(ret_clock);
    } else if (strcmp(mode, "scaled") == 0) {
        clock_init_scaled(ret_clock, clock_system(), from, speed);
    } else if (strcmp(mode, "stepped") == 0) {
        clock_init_stepped(ret_clock, from);
    } else {
        return args_misuse("up", "--clock is real, scaled or stepped, not '%s'", mode);
    }
    return EXIT_FINE;
}

static int save_clock(struct up *up, const struct service_clock *clock)
{
    struct err_why why = {.text = ""};
    char path[PATH_MAX];
    path_in(up, "clock.json", path);
    if (clock_save(clock, path, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s", why.text);
    }
    up->clock = *clock;
    return EXIT_FINE;
}

/* The folder's clock is decided once, at its first start: service time must not jump later. */
static int take_clock(struct up *up)
{
    struct err_why why = {.text = ""};
    struct service_clock wanted = {0};
    char clock_path[PATH_MAX];
    char ledger_path[PATH_MAX];
    path_in(up, "clock.json", clock_path);
    path_in(up, "redis/lock", ledger_path);
    if (clock_load(&up->clock, clock_path, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s", why.text);
    }
    if (!up->options.clock) {
        return EXIT_FINE;
    }
    const int code = wanted_clock(up, &wanted);
    if (code != EXIT_FINE) {
        return code;
    }
    if (access(clock_path, F_OK) != 0 && access(ledger_path, F_OK) != 0) {
        return save_clock(up, &wanted);
    }
    if (up->clock.mode != wanted.mode) {
        return args_fail(
            EXIT_FOUND, "up",
            "%s was started with a %s clock and keeps it; for a %s one take "
            "another folder with --data",
            up->data, clock_mode_name(up->clock.mode), clock_mode_name(wanted.mode));
    }
    return EXIT_FINE;
}

int up_data_take(struct up *up)
{
    int code = make_folder(up, up->options.data ? up->options.data : UP_DATA_DEFAULT);
    if (code == EXIT_FINE) {
        code = take_lock(up);
    }
    if (code == EXIT_FINE) {
        code = take_key(up);
    }
    if (code == EXIT_FINE) {
        code = mark_restored(up);
    }
    return code == EXIT_FINE ? take_clock(up) : code;
}

/* ---- clearing ---- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)status;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void up_data_remove(const char *folder)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* An older demo's Redis may be on its way out. */
static int wait_old_redis(const struct up *up)
{
    char path[PATH_MAX];
    struct redis_server server;
    path_in(up, "redis", path);
    if (access(path, F_OK) != 0) {
        return EXIT_FINE;
    }
    (void)snprintf(server.folder, sizeof(server.folder), "%s", path);
    for (int i = 0; i < OLD_REDIS_WAITS; i++) {
        struct err_why why = {.text = ""};
        int fd = -1;
        if (redis_server_lock(&server, &fd, &why) == ERR_OK) {
            (void)close(fd);
            return EXIT_FINE;
        }
        (void)poll(NULL, 0, 100);
    }
    return args_fail(EXIT_FOUND, "up", "an older Redis of %s does not end; stop it", up->data);
}

/* Everything but the lock, which we hold. False when something else than a demo is in there. */
static bool clear_demo(const struct up *up, bool *ret_foreign)
{
    char path[PATH_MAX];
    bool marked;
    bool other = false;
    path_in(up, DEMO_MARK, path);
    marked = access(path, F_OK) == 0;
    DIR *folder = opendir(up->data);
    if (!folder) {
        return false;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "lock") == 0) {
            continue;
        }
        other = true;
        if (marked) {
            path_in(up, name, path);
            up_data_remove(path);
        }
    }
    (void)closedir(folder);
    *ret_foreign = other && !marked;
    return true;
}

int up_data_take_demo(struct up *up, struct wall_ms virtual0, double speed)
{
    struct err_why why = {.text = ""};
    struct service_clock clock;
    char path[PATH_MAX];
    bool foreign = false;
    int code = make_folder(up, up->options.data ? up->options.data : UP_DEMO_DATA_DEFAULT);
    if (code == EXIT_FINE) {
        code = take_lock(up);
    }
    if (code == EXIT_FINE) {
        code = wait_old_redis(up);
    }
    if (code != EXIT_FINE) {
        return code;
    }
    if (!clear_demo(up, &foreign) || foreign) {
        return args_fail(
            EXIT_FOUND, "up",
            "%s holds something that no demo made; give the demo a folder of its "
            "own with --data",
            up->data);
    }
    path_in(up, DEMO_MARK, path);
    if (file_write(path, TEXT_LITERAL(DEMO_MARK_TEXT), 0600, &why) != ERR_OK) {
        return args_fail(EXIT_FOUND, "up", "%s", why.text);
    }
    clock_init_scaled(&clock, clock_system(), virtual0, speed);
    code = save_clock(up, &clock);
    return code == EXIT_FINE ? take_key(up) : code;
}
