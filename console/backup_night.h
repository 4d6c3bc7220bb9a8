/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nightly backup of the console: at 03:30 local time by the machine's clock (also where service
 * time is scaled or stepped), beside the loop; and a few minutes after a start that finds none of
 * the last day. Keeps BACKUP_KEPT of each kind.
 */
#ifndef NRT_CONSOLE_BACKUP_NIGHT_H
#define NRT_CONSOLE_BACKUP_NIGHT_H

#include "console/console.h"

struct backup_night;

struct backup_night *backup_night_create(struct console *console);
void backup_night_free(struct backup_night *night); /* accepts NULL; not while one is being made */

struct backup_state {
    struct wall_ms at; /* of the newest there is, by the machine's clock; 0: there is none */
    int64_t bytes;
    const char *trouble; /* why the last attempt failed; "" */
};
struct backup_state backup_night_state(const struct backup_night *night);
/* Of ledger.db, with what waits in its WAL. */
int64_t backup_ledger_bytes(const char *data_folder);

#endif
