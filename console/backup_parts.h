/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What making and restoring backups share.
 */
#ifndef NRT_CONSOLE_BACKUP_PARTS_H
#define NRT_CONSOLE_BACKUP_PARTS_H

#include "console/backup.h"

#define BACKUP_STAMP_BYTES 24
#define BACKUP_OFFSET_S    (8 * 3600)

const char *backup_kind_name(enum backup_kind kind); /* "ledger", "accounts" */
/* "20190401-033000" */
void backup_stamp(struct wall_ms at, char ret_stamp[static BACKUP_STAMP_BYTES]);
enum err backup_path(
    char ret_path[static BACKUP_PATH_BYTES],
    struct err_why *why,
    const char *folder,
    const char *name) ERR_MUST_USE;
/* Every page and index; `fault` stays empty when all is well. */
enum err backup_check_pages(struct sql_db *db, char *fault, size_t fault_bytes, struct err_why *why)
    ERR_MUST_USE;

#endif
