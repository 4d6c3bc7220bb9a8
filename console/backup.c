/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making backups and keeping some of them. See backup.h; looking at one and putting it back is in
 * console/backup_restore.c.
 */
#include "console/backup.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "console/backup_parts.h"

#define FOLDER_MODE 0700
#define NAME_STAMP  "YYYYMMDD-HHMMSS"

static const char *const names[BACKUP_KIND_COUNT] = {"ledger", "accounts"};

const char *backup_kind_name(enum backup_kind kind)
{
    return names[kind];
}

enum err backup_path(
    char ret_path[static BACKUP_PATH_BYTES],
    struct err_why *why,
    const char *folder,
    const char *name)
{
    const int bytes = snprintf(ret_path, BACKUP_PATH_BYTES, "%s/%s", folder, name);
    return bytes > 0 && bytes < BACKUP_PATH_BYTES
               ? ERR_OK
               : err_set(why, ERR_RANGE, "%.200s: this path is too long", folder);
}

/* Names are in the local time of China, whatever the machine's: they are read by people. */
void backup_stamp(struct wall_ms at, char ret_stamp[static BACKUP_STAMP_BYTES])
{
    char text[WALL_TEXT_BYTES];
    (void)wall_format((struct wall_ms){at.ms / 1000 * 1000}, BACKUP_OFFSET_S, text);
    (void)snprintf(
        ret_stamp, BACKUP_STAMP_BYTES, "%.4s%.2s%.2s-%.2s%.2s%.2s", text, text + 5, text + 8,
        text + 11, text + 14, text + 17);
}

/* The instant of "ledger-20190401-033000.db"; false: it is no name of such a backup. */
static bool name_read(const char *name, enum backup_kind kind, struct wall_ms *ret_at)
{
    const size_t head = strlen(names[kind]);
    const char *stamp = name + head + 1;
    char text[WALL_TEXT_BYTES];
    if (strncmp(name, names[kind], head) != 0 || name[head] != '-' ||
        strlen(stamp) != sizeof(NAME_STAMP) - 1 + 3 || strcmp(stamp + 15, ".db") != 0) {
        return false;
    }
    const int bytes = snprintf(
        text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s+08:00", stamp, stamp + 4, stamp + 6,
        stamp + 9, stamp + 11, stamp + 13);
    return wall_parse(text, (size_t)bytes, ret_at) == ERR_OK;
}

/* ---- making ---- */

/* No WAL beside it, every page looked at: then it may have its name. */
static enum err make_whole(const char *part, struct err_why *why)
{
    struct sql_db *db = NULL;
    char fault[320] = "";
    enum err err = sql_open(part, SQL_DURABLE, &db, why);
    if (!err) {
        err = sql_exec(db, "PRAGMA journal_mode = DELETE", why);
    }
    if (!err) {
        err = backup_check_pages(db, fault, sizeof(fault), why);
    }
    sql_close(db);
    if (!err && fault[0]) {
        err = err_set(why, ERR_CORRUPT, "what is to be backed up is damaged: %s", fault);
    }
    return err;
}

/* The copy under a name of its own, checked, then named. */
static enum err copy_checked(struct sql_db *db, const char *path, struct err_why *why)
{
    char copy[BACKUP_PATH_BYTES + 8];
    (void)snprintf(copy, sizeof(copy), "%s.copy", path);
    (void)unlink(copy); /* left by one that did not end */
    enum err err = sql_backup(db, copy, why);
    if (!err) {
        err = make_whole(copy, why);
    }
    failpoint_hit("backup_before_name");
    if (!err && rename(copy, path) != 0) {
        err = err_set(why, ERR_IO, "%.200s: the finished backup cannot take this name", path);
    }
    if (err) {
        (void)unlink(copy);
        return err;
    }
    return file_sync_folder_of(path, why);
}

static int64_t bytes_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static enum err make_one(
    const char *from,
    const char *folder,
    enum backup_kind kind,
    struct backup_file *ret_file,
    struct err_why *why)
{
    struct sql_db *db = NULL;
    char stamp[BACKUP_STAMP_BYTES];
    char name[64];
    struct backup_file file = {.at = {clock_system().ms / 1000 * 1000}};
    backup_stamp(file.at, stamp);
    (void)snprintf(name, sizeof(name), "%s-%s.db", names[kind], stamp);
    enum err err = backup_path(file.path, why, folder, name);
    if (!err) {
        err = sql_open(from, SQL_READ_ONLY, &db, why);
    }
    if (!err) {
        err = copy_checked(db, file.path, why);
    }
    sql_close(db);
    if (!err) {
        file.bytes = bytes_of(file.path);
        *ret_file = file;
    }
    return err;
}

enum err backup_make(
    const char *data_folder,
    const char *to,
    struct backup_file ret_files[static BACKUP_KIND_COUNT],
    struct err_why *why)
{
    char folder[BACKUP_PATH_BYTES];
    enum err err = backup_path(folder, why, data_folder, BACKUP_FOLDER);
    if (!err && to) {
        err = snprintf(folder, sizeof(folder), "%s", to) < (int)sizeof(folder)
                  ? ERR_OK
                  : err_set(why, ERR_RANGE, "the path of the folder is too long");
    }
    if (!err) {
        err = file_make_folders(folder, FOLDER_MODE, why);
    }
    for (int kind = 0; kind < BACKUP_KIND_COUNT && !err; kind++) {
        char from[BACKUP_PATH_BYTES];
        char name[32];
        ret_files[kind] = (struct backup_file){0};
        (void)snprintf(name, sizeof(name), "%s.db", names[kind]);
        err = backup_path(from, why, data_folder, name);
        if (!err && (kind == BACKUP_LEDGER || access(from, F_OK) == 0)) {
            err = make_one(from, folder, (enum backup_kind)kind, &ret_files[kind], why);
        }
    }
    return err;
}

enum err backup_before_format(
    struct sql_db *db, const char *ledger_path, int64_t format, struct err_why *why)
{
    char folder[BACKUP_PATH_BYTES];
    char path[BACKUP_PATH_BYTES];
    char stamp[BACKUP_STAMP_BYTES];
    char name[80];
    const char *slash = strrchr(ledger_path, '/');
    const int bytes = slash ? (int)(slash - ledger_path) : 1;
    (void)snprintf(
        folder, sizeof(folder), "%.*s/%s", bytes, slash ? ledger_path : ".", BACKUP_FOLDER);
    backup_stamp(clock_system(), stamp);
    (void)snprintf(name, sizeof(name), "ledger-format%d-%s.db", (int)format, stamp);
    enum err err = file_make_folders(folder, FOLDER_MODE, why);
    if (!err) {
        err = backup_path(path, why, folder, name);
    }
    if (!err) {
        err = copy_checked(db, path, why);
    }
    if (!err) {
        log_info(
            "ledger_backed_up", "path=\"%s\" format=%d why=\"a newer program\"", path, (int)format);
    }
    return err;
}

/* ---- keeping ---- */

struct found {
    struct backup_file file;
    size_t count;
};

/* The oldest, or the newest, of a kind; and how many there are. */
static struct found look_for(
    const char *folder, enum backup_kind kind, bool newest, struct wall_ms before)
{
    struct found found = {.count = 0};
    DIR *listing = opendir(folder);
    const struct dirent *entry = NULL;
    while (listing && (entry = readdir(listing))) { /* NOLINT(concurrency-mt-unsafe): own DIR */
        struct wall_ms at = {0};
        if (!name_read(entry->d_name, kind, &at) || at.ms >= before.ms) {
            continue;
        }
        const bool better = newest ? at.ms > found.file.at.ms : at.ms < found.file.at.ms;
        if (found.count++ == 0 || better) {
            found.file.at = at;
            (void)snprintf(
                found.file.path, sizeof(found.file.path), "%s/%s", folder, entry->d_name);
        }
    }
    if (listing) {
        (void)closedir(listing);
    }
    return found;
}

bool backup_newest(
    const char *folder, enum backup_kind kind, struct wall_ms before, struct backup_file *ret_file)
{
    const struct found found = look_for(folder, kind, true, before);
    if (found.count > 0) {
        *ret_file = found.file;
        ret_file->bytes = bytes_of(found.file.path);
    }
    return found.count > 0;
}

/* The oldest first; ends when one cannot be removed. */
static void prune(const char *folder, enum backup_kind kind, size_t keep)
{
    const struct wall_ms end = {.ms = WALL_MS_MAX};
    struct found found = look_for(folder, kind, false, end);
    while (found.count > keep) {
        if (unlink(found.file.path) != 0) {
            log_warn("backup_not_removed", "path=\"%s\"", found.file.path);
            return;
        }
        found = look_for(folder, kind, false, end);
    }
}

void backup_prune(const char *folder, int keep)
{
    for (int kind = 0; kind < BACKUP_KIND_COUNT; kind++) {
        prune(folder, (enum backup_kind)kind, (size_t)keep);
    }
}
