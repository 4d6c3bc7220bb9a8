/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See backup_night.h, and console/ledger_forget.h for what comes after it. The work is done in a
 * working thread with connections of its own; the loop only decides when, and remembers what came
 * of it.
 */
#include "console/backup_night.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "console/backup.h"
#include "console/ledger_forget.h"
#include "console/readers.h"

#define LOOK_MS        (60 * INT64_C(1000))
#define DAY_MS         (24 * INT64_C(3600) * 1000)
#define NIGHT_MS       ((3 * 60 + 30) * INT64_C(60) * 1000) /* 03:30 */
#define OFFSET_MS      (8 * INT64_C(3600) * 1000) /* of China, as the names of the files */
#define AFTER_START_MS (10 * INT64_C(60) * 1000)
#define RETRY_MS       (3600 * INT64_C(1000))
#define FORGET_ROWS    200
#define FORGET_MS      50

struct backup_night {
    struct console *console;
    struct loop_timer *timer;
    struct loop_timer *forget;
    int64_t due_ms; /* by the machine's clock */
    bool running;
    struct backup_file newest;
    char trouble[320];
    /* Written by the thread while `running`, read by the loop after. */
    char data_folder[BACKUP_PATH_BYTES];
    struct backup_file made[BACKUP_KIND_COUNT];
    enum err err;
    struct err_why why;
};

static int64_t next_night(int64_t now_ms)
{
    const int64_t local = now_ms + OFFSET_MS;
    const int64_t tonight = local / DAY_MS * DAY_MS + NIGHT_MS;
    return (tonight > local ? tonight : tonight + DAY_MS) - OFFSET_MS;
}

/* ---- in the thread ---- */

static void make(const struct view *view, void *context)
{
    struct backup_night *night = context;
    char folder[BACKUP_PATH_BYTES + 16];
    (void)view;
    night->err = backup_make(night->data_folder, NULL, night->made, &night->why);
    if (!night->err) {
        (void)snprintf(folder, sizeof(folder), "%s/%s", night->data_folder, BACKUP_FOLDER);
        backup_prune(folder, BACKUP_KEPT);
    }
}

/* ---- on the loop ---- */

static void made(struct console *console, void *context, bool ran)
{
    struct backup_night *night = context;
    (void)console;
    night->running = false;
    if (!ran) {
        return; /* the service stops */
    }
    const int64_t now = clock_system().ms;
    night->due_ms = next_night(now);
    if (night->err) {
        (void)snprintf(night->trouble, sizeof(night->trouble), "%s", night->why.text);
        night->due_ms = now + RETRY_MS < night->due_ms ? now + RETRY_MS : night->due_ms;
        log_error("backup_failed", "err=%s why=\"%s\"", err_name(night->err), night->trouble);
        return;
    }
    night->trouble[0] = '\0';
    loop_timer_arm(night->forget, 0);
    night->newest = night->made[BACKUP_LEDGER];
    log_info(
        "backup_made", "path=\"%s\" bytes=%lld", night->newest.path,
        (long long)night->newest.bytes);
}

/* A few rows a turn of the loop, once a day, after the backup. */
static void forget(void *context)
{
    struct backup_night *night = context;
    struct console *console = night->console;
    const int64_t kept = console->env->settings->retention_ms;
    const int64_t before =
        role_now(console->env).ms - (kept > LEDGER_KEPT_LEAST_MS ? kept : LEDGER_KEPT_LEAST_MS);
    struct err_why why = {0};
    bool more = false;
    const enum err err = ledger_forget(console->ledger, before, FORGET_ROWS, &more, &why);
    if (err) {
        log_warn("retention_failed", "err=%s why=\"%s\"", err_name(err), why.text);
    } else if (more) {
        loop_timer_arm(night->forget, FORGET_MS);
    }
}

static void look(void *context)
{
    struct backup_night *night = context;
    if (!night->running && !night->console->terminating && clock_system().ms >= night->due_ms) {
        night->err = ERR_OK;
        night->running = readers_run(night->console, make, made, night);
    }
    loop_timer_arm(night->timer, LOOK_MS);
}

struct backup_night *backup_night_create(struct console *console)
{
    char folder[BACKUP_PATH_BYTES + 16];
    struct backup_night *night = calloc(1, sizeof(*night));
    if (!night) {
        return NULL;
    }
    night->console = console;
    (void)snprintf(night->data_folder, sizeof(night->data_folder), "%s", console->env->data_folder);
    (void)snprintf(folder, sizeof(folder), "%s/%s", night->data_folder, BACKUP_FOLDER);
    const int64_t now = clock_system().ms;
    night->due_ms = next_night(now);
    if (!backup_newest(folder, BACKUP_LEDGER, (struct wall_ms){WALL_MS_MAX}, &night->newest) ||
        now - night->newest.at.ms > DAY_MS) {
        night->due_ms = now + AFTER_START_MS;
    }
    night->timer = loop_timer_create(console->env->loop, look, night);
    night->forget = loop_timer_create(console->env->loop, forget, night);
    if (!night->timer || !night->forget) {
        backup_night_free(night);
        return NULL;
    }
    loop_timer_arm(night->timer, LOOK_MS);
    return night;
}

void backup_night_free(struct backup_night *night)
{
    if (night) {
        loop_timer_free(night->timer);
        loop_timer_free(night->forget);
        free(night);
    }
}

struct backup_state backup_night_state(const struct backup_night *night)
{
    return (struct backup_state){
        .at = night->newest.at, .bytes = night->newest.bytes, .trouble = night->trouble};
}

int64_t backup_ledger_bytes(const char *data_folder)
{
    static const char *const names[] = {"ledger.db", "ledger.db-wal"};
    int64_t bytes = 0;
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        char path[BACKUP_PATH_BYTES];
        struct stat info;
        (void)snprintf(path, sizeof(path), "%s/%s", data_folder, names[index]);
        bytes += stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
    }
    return bytes;
}
