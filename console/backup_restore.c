/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at backups and putting one back. See backup.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "console/accounts.h"
#include "console/backup_parts.h"
#include "console/ledger_audit.h"
#include "console/ledger_reader.h"

#define FILE_MODE 0600

static const char *const count_names[BACKUP_COUNT_COUNT] = {"cases",  "events",   "runs",
                                                            "alerts", "messages", "audit"};

const char *backup_count_name(enum backup_count count)
{
    return count_names[count];
}

/* ---- looking ---- */

enum err backup_check_pages(struct sql_db *db, char *fault, size_t fault_bytes, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    struct err_why inner = {0};
    bool row = false;
    enum err err = sql_prepare(db, "PRAGMA quick_check(1)", &stmt, &inner);
    if (!err) {
        err = sql_step(stmt, &row, &inner);
    }
    if (!err && row && !text_is(sql_text(stmt, 0), "ok")) {
        (void)snprintf(fault, fault_bytes, "%.*s", TEXT_ARGS(utf8_cut(sql_text(stmt, 0), 200)));
    }
    sql_finalize(stmt);
    if (err == ERR_CORRUPT) {
        (void)snprintf(fault, fault_bytes, "%s", inner.text);
        return ERR_OK;
    }
    return err ? err_set(why, err, "%s", inner.text) : ERR_OK;
}

static enum err read_number(
    struct sql_db *db, const char *select, int64_t *ret_number, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err = sql_prepare(db, select, &stmt, why);
    if (!err) {
        err = sql_step(stmt, &row, why);
    }
    if (!err) {
        *ret_number = row ? sql_i64(stmt, 0) : 0;
    }
    sql_finalize(stmt);
    return err;
}

/* Rows of each table; a format that does not have one yet has none of it. */
static enum err read_counts(struct sql_db *db, struct backup_look *look, struct err_why *why)
{
    enum err err = ERR_OK;
    for (int count = 0; count < BACKUP_COUNT_COUNT && !err; count++) {
        char select[160];
        int64_t there = 0;
        (void)snprintf(
            select, sizeof(select),
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '%s'",
            count_names[count]);
        err = read_number(db, select, &there, why);
        if (!err && there > 0) {
            (void)snprintf(select, sizeof(select), "SELECT count(*) FROM %s", count_names[count]);
            err = read_number(db, select, &look->counts[count], why);
        }
    }
    return err;
}

static enum err read_positions(struct sql_db *db, struct backup_look *look, struct err_why *why)
{
    struct sql_stmt *stmt = NULL;
    bool row = false;
    enum err err =
        sql_prepare(db, "SELECT partition, position FROM positions ORDER BY partition", &stmt, why);
    while (!err && !(err = sql_step(stmt, &row, why)) && row) {
        const int64_t partition = sql_i64(stmt, 0);
        const struct text position = sql_text(stmt, 1);
        int64_t ms = 0;
        if (partition < 0 || partition >= STORE_PARTITIONS_MAX) {
            continue;
        }
        (void)snprintf(
            look->positions[partition], sizeof(look->positions[0]), "%.*s", TEXT_ARGS(position));
        look->partitions++;
        const char *dash = memchr(position.ptr, '-', position.bytes);
        const size_t bytes = dash ? (size_t)(dash - position.ptr) : 0;
        const struct text time = {.ptr = position.ptr, .bytes = bytes};
        if (!text_parse_i64(time, &ms) && ms > look->until.ms) {
            look->until.ms = ms;
        }
    }
    sql_finalize(stmt);
    return err;
}

static enum err check_chain(const char *path, struct backup_look *look, struct err_why *why)
{
    struct ledger *ledger = NULL;
    struct audit_check check = {0};
    enum err err = ledger_open_reader(path, &ledger, why);
    if (!err) {
        err = ledger_audit_check(ledger, &check);
    }
    ledger_close(ledger);
    if (!err && check.broken) {
        (void)snprintf(
            look->fault, sizeof(look->fault), "the audit trail is broken at entry %lld: %s",
            (long long)check.broken_seq, check.why);
    }
    look->audit_entries = check.entries;
    return err;
}

static enum err look_inside(
    struct sql_db *db, enum backup_depth depth, struct backup_look *look, struct err_why *why)
{
    enum err err = ERR_OK;
    if (depth == BACKUP_LOOK_WHOLE) {
        err = backup_check_pages(db, look->fault, sizeof(look->fault), why);
    }
    if (!err && !look->fault[0]) {
        err = read_number(db, "PRAGMA user_version", &look->format, why);
    }
    if (!err && !look->fault[0] && look->format > LEDGER_FORMAT) {
        (void)snprintf(
            look->fault, sizeof(look->fault),
            "it has format %lld, this program knows up to %d: use the newer program",
            (long long)look->format, LEDGER_FORMAT);
    }
    if (err || look->fault[0] || look->format == 0) {
        return err; /* format 0: nothing has been made in it yet */
    }
    if (depth != BACKUP_LOOK_QUICK) {
        err = read_counts(db, look, why);
    }
    if (!err) {
        err = read_positions(db, look, why);
    }
    return err;
}

enum err backup_look_at(
    const char *path, enum backup_depth depth, struct backup_look *ret_look, struct err_why *why)
{
    struct sql_db *db = NULL;
    struct err_why inner = {0};
    *ret_look = (struct backup_look){0};
    enum err err = sql_open(path, SQL_READ_ONLY, &db, &inner);
    if (!err) {
        err = look_inside(db, depth, ret_look, &inner);
    }
    sql_close(db);
    if (!err && depth == BACKUP_LOOK_WHOLE && !ret_look->fault[0] &&
        ret_look->counts[BACKUP_AUDIT] > 0) {
        err = check_chain(path, ret_look, &inner);
    }
    if (err == ERR_CORRUPT || err == ERR_USAGE) { /* pages, or tables that are not a ledger's */
        (void)snprintf(ret_look->fault, sizeof(ret_look->fault), "%s", inner.text);
        return ERR_OK;
    }
    return err ? err_set(why, err, "%s", inner.text) : ERR_OK;
}

/* ---- putting back ---- */

static enum err copy_bytes(int from, int to, struct err_why *why)
{
    for (;;) {
        const ssize_t bytes = sendfile(to, from, NULL, (size_t)16 * 1024 * 1024);
        if (bytes == 0) {
            break;
        }
        if (bytes < 0) {
            return err_set(why, ERR_IO, "the backup cannot be copied: is the disk full?");
        }
    }
    return fsync(to) == 0 ? ERR_OK : err_set(why, ERR_IO, "the copy cannot be synced");
}

static enum err copy_file(const char *from, const char *to, struct err_why *why)
{
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        return err_set(why, ERR_NOT_FOUND, "%.200s: cannot be opened", from);
    }
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    enum err err =
        out < 0 ? err_set(why, ERR_IO, "%.200s: cannot be written", to) : copy_bytes(in, out, why);
    (void)close(in);
    if (out >= 0) {
        (void)close(out);
    }
    return err;
}

/* The file and what SQLite keeps beside it, out of the way: nothing is thrown away. */
static enum err set_aside(const char *path, char *ret_kept, struct err_why *why)
{
    static const char *const ends[] = {"-wal", "-shm", ""};
    char stamp[BACKUP_STAMP_BYTES];
    const bool there = access(path, F_OK) == 0;
    ret_kept[0] = '\0';
    backup_stamp(clock_system(), stamp);
    if (snprintf(ret_kept, BACKUP_PATH_BYTES, "%s.replaced-%s", path, stamp) >= BACKUP_PATH_BYTES) {
        return err_set(why, ERR_RANGE, "%.200s: this path is too long", path);
    }
    for (size_t index = 0; index < sizeof(ends) / sizeof(ends[0]); index++) {
        char from[BACKUP_PATH_BYTES + 8];
        char to[BACKUP_PATH_BYTES + 8];
        (void)snprintf(from, sizeof(from), "%s%s", path, ends[index]);
        (void)snprintf(to, sizeof(to), "%s%s", ret_kept, ends[index]);
        if (access(from, F_OK) == 0 && rename(from, to) != 0) {
            return err_set(why, ERR_IO, "%.200s: cannot be set aside", from);
        }
    }
    if (!there) {
        ret_kept[0] = '\0'; /* only what SQLite had kept beside it */
    }
    return ERR_OK;
}

static enum err kind_of(const char *path, enum backup_kind *ret_kind, struct err_why *why)
{
    struct sql_db *db = NULL;
    int64_t ledger = 0;
    int64_t accounts = 0;
    enum err err = sql_open(path, SQL_READ_ONLY, &db, why);
    if (!err) {
        err = read_number(
            db, "SELECT count(*) FROM sqlite_master WHERE name = 'positions'", &ledger, why);
    }
    if (!err) {
        err = read_number(
            db, "SELECT count(*) FROM sqlite_master WHERE name = 'accounts'", &accounts, why);
    }
    sql_close(db);
    if (!err && ledger == 0 && accounts == 0) {
        return err_set(why, ERR_CORRUPT, "%.200s: is no backup of a ledger or of accounts", path);
    }
    *ret_kind = ledger > 0 ? BACKUP_LEDGER : BACKUP_ACCOUNTS;
    return err;
}

enum err backup_put_back(
    const char *path,
    const char *data_folder,
    char ret_kept[static BACKUP_PATH_BYTES],
    struct err_why *why)
{
    enum backup_kind kind = BACKUP_LEDGER;
    char name[32];
    char place[BACKUP_PATH_BYTES];
    char part[BACKUP_PATH_BYTES + 8];
    ret_kept[0] = '\0';
    enum err err = kind_of(path, &kind, why);
    if (err) {
        return err;
    }
    (void)snprintf(name, sizeof(name), "%s.db", backup_kind_name(kind));
    err = backup_path(place, why, data_folder, name);
    (void)snprintf(part, sizeof(part), "%s.part", place);
    if (!err) {
        err = copy_file(path, part, why);
    }
    if (!err && kind == BACKUP_ACCOUNTS) {
        err = accounts_close_doors(part, why);
    }
    if (!err) {
        err = set_aside(place, ret_kept, why);
    }
    failpoint_hit("restore_before_name");
    if (!err && rename(part, place) != 0) {
        err = err_set(why, ERR_IO, "%.200s: the restored file cannot take this name", place);
    }
    if (err) {
        (void)unlink(part);
        return err;
    }
    return file_sync_folder_of(place, why);
}

/* ---- healing ---- */

/* The newest that is whole takes the ledger's place; ERR_NOT_FOUND: there is none. */
static enum err heal_from(const char *data_folder, const char *fault, struct err_why *why)
{
    char folder[BACKUP_PATH_BYTES];
    char kept[BACKUP_PATH_BYTES];
    struct backup_file file = {.at = {.ms = WALL_MS_MAX}};
    enum err err = backup_path(folder, why, data_folder, BACKUP_FOLDER);
    while (!err && backup_newest(folder, BACKUP_LEDGER, file.at, &file)) {
        struct backup_look look;
        err = backup_look_at(file.path, BACKUP_LOOK_WHOLE, &look, why);
        if (err || look.fault[0]) {
            log_warn("backup_is_damaged", "path=\"%s\" why=\"%s\"", file.path, look.fault);
            err = ERR_OK;
            continue;
        }
        err = backup_put_back(file.path, data_folder, kept, why);
        if (!err) {
            log_warn(
                "ledger_restored", "from=\"%s\" why=\"%s\" kept=\"%s\" next=reads_the_journal_on",
                file.path, fault, kept);
        }
        return err;
    }
    return err ? err : ERR_NOT_FOUND;
}

static enum err heal(
    const char *data_folder, const char *path, enum backup_depth depth, struct err_why *why)
{
    struct backup_look look = {.fault = "it is gone"};
    struct err_why inner = {0};
    const bool gone = access(path, F_OK) != 0;
    if (!gone && backup_look_at(path, depth, &look, &inner) != ERR_OK) {
        return ERR_OK; /* opening it will say what is wrong */
    }
    if (!gone && (!look.fault[0] || look.format > LEDGER_FORMAT)) {
        return ERR_OK;
    }
    const enum err err = heal_from(data_folder, look.fault, why);
    if (err == ERR_NOT_FOUND && gone) {
        return ERR_OK; /* a new data folder, or one whose journal tells all */
    }
    if (err == ERR_NOT_FOUND) {
        return err_set(
            why, ERR_CORRUPT,
            "%.200s is damaged (%.100s) and there is no backup that is whole: move it away, then"
            " the journal, which keeps seven days, makes a new one",
            path, look.fault);
    }
    return err;
}

/* Where a damaged page was met every page is looked at, until all is well again. */
enum err backup_heal(const char *data_folder, struct err_why *why)
{
    char path[BACKUP_PATH_BYTES];
    char mark[BACKUP_PATH_BYTES + 16];
    enum err err = backup_path(path, why, data_folder, "ledger.db");
    if (err) {
        return err;
    }
    (void)snprintf(mark, sizeof(mark), "%s" LEDGER_DAMAGED, path);
    const bool met = access(mark, F_OK) == 0;
    err = heal(data_folder, path, met ? BACKUP_LOOK_WHOLE : BACKUP_LOOK_QUICK, why);
    if (!err && met) {
        (void)unlink(mark);
    }
    return err;
}
