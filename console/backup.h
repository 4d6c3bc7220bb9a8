/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of what cannot be made anew: the ledger and the accounts. A backup is one file each,
 * made while the service runs, looked through before it gets its name, of one moment in itself. The
 * ledger's journal positions are inside, so a restored ledger reads on from there: backup and
 * journal together are the ledger that was lost. Keys and addresses are not in it.
 */
#ifndef NRT_CONSOLE_BACKUP_H
#define NRT_CONSOLE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sql.h"
#include "base/wall.h"
#include "store/store.h"

#define BACKUP_FOLDER     "backup" /* in the data folder */
#define BACKUP_PATH_BYTES 1024
#define BACKUP_KEPT       14 /* nightly ones of each kind */

enum backup_kind { BACKUP_LEDGER, BACKUP_ACCOUNTS, BACKUP_KIND_COUNT };

struct backup_file {
    char path[BACKUP_PATH_BYTES]; /* empty: there was nothing to copy */
    int64_t bytes;
    struct wall_ms at; /* as its name says */
};

/*
 * Copies ledger.db and accounts.db of the data folder into `to` (NULL: its own backup folder), as
 * ledger-YYYYMMDD-HHMMSS.db. Safe beside a running service. ERR_NOT_FOUND without a ledger;
 * ERR_CORRUPT when what was copied is damaged (then no file gets a name).
 */
enum err backup_make(
    const char *data_folder,
    const char *to,
    struct backup_file ret_files[static BACKUP_KIND_COUNT],
    struct err_why *why) ERR_MUST_USE;
/* The ledger as it is before its format changes, from its own connection. */
enum err backup_before_format(
    struct sql_db *db, const char *ledger_path, int64_t format, struct err_why *why) ERR_MUST_USE;
/* Leaves the newest `keep` of each kind in the folder; other files are not touched. */
void backup_prune(const char *folder, int keep);
/* The newest one that was made before `before`; false: there is none. */
bool backup_newest(
    const char *folder, enum backup_kind kind, struct wall_ms before, struct backup_file *ret_file);

/* ---- looking at one ---- */

enum backup_count {
    BACKUP_CASES,
    BACKUP_EVENTS,
    BACKUP_RUNS,
    BACKUP_ALERTS,
    BACKUP_MESSAGES,
    BACKUP_AUDIT,
    BACKUP_COUNT_COUNT
};
const char *backup_count_name(enum backup_count count); /* "cases" ... */

struct backup_look {
    int64_t format;
    char fault[320]; /* what is wrong with it; empty: it is whole */
    int64_t counts[BACKUP_COUNT_COUNT];
    int64_t audit_entries;
    char positions[STORE_PARTITIONS_MAX][48];
    int32_t partitions;   /* that have a position */
    struct wall_ms until; /* of the newest position: it holds what happened to then */
};
enum backup_depth {
    BACKUP_LOOK_QUICK,  /* format and positions */
    BACKUP_LOOK_COUNTS, /* and how many rows there are */
    BACKUP_LOOK_WHOLE   /* and every page, and the chain of the audit trail */
};
/* A damaged file is an answer (`fault`), not an error; ERR_NOT_FOUND and ERR_IO are. */
enum err backup_look_at(
    const char *path, enum backup_depth depth, struct backup_look *ret_look, struct err_why *why)
    ERR_MUST_USE;

/* ---- putting one back ---- */

/*
 * The file takes the place of the data folder's ledger or accounts, whichever it is; what was there
 * is kept as `ret_kept` (empty: there was nothing). The caller holds the folder's lock.
 */
enum err backup_put_back(
    const char *path,
    const char *data_folder,
    char ret_kept[static BACKUP_PATH_BYTES],
    struct err_why *why) ERR_MUST_USE;
/*
 * At the start of the console, before the ledger is opened: one that is damaged, or gone although
 * there are backups, is replaced by the newest backup that is whole; the journal brings the rest.
 */
enum err backup_heal(const char *data_folder, struct err_why *why) ERR_MUST_USE;

#endif
