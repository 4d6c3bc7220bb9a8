/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exports with too many rows to wait for: made by the working readers, kept a day, shown and handed
 * out to who asked for them and nobody else. They do not outlive the console. Its folder DATA/tmp
 * (0700) also holds the files of exports that are answered at once, without names.
 */
#ifndef NRT_CONSOLE_EXPORTS_H
#define NRT_CONSOLE_EXPORTS_H

#include "console/api.h"
#include "console/export.h"

#define EXPORTS_KEPT_MAX   64
#define EXPORTS_EACH_MAX   8 /* of one person, ended ones included */
#define EXPORTS_OPEN_MAX   4 /* of all, not ended */
#define EXPORT_KEPT_MS     ((int64_t)24 * 3600 * 1000)
#define EXPORT_ID_BYTES    24
#define EXPORT_FOLDER_NAME "tmp"

struct exports;

/* Makes the folder, and removes what an earlier console left in it. NULL when memory is out. */
struct exports *exports_create(struct console *console);
/* Tells the running ones to stop. Call after the readers have ended. Accepts NULL. */
void exports_free(struct exports *exports);
/* The console is about to end. */
void exports_stop(struct exports *exports);

/* Who asks, what and by which filter; the actor and the parameters are copied. */
struct export_order {
    enum export_what what;
    enum sheet_format format;
    const struct actor *actor;
    const struct http_head *head;
};
/* ERR_FULL when enough are under way, or kept for this person; ERR_NO_MEMORY. */
enum err exports_order(
    struct exports *exports,
    const struct export_order *wanted,
    char ret_id[static EXPORT_ID_BYTES],
    struct err_why *why) ERR_MUST_USE;

struct export_view {
    const char *id;
    const char *state; /* running, done, failed, cancelled */
    int64_t done;      /* rows */
    int64_t total;
    const char *why;
    const char *path; /* of the file, once done */
    const char *name; /* a browser saves it as */
    enum sheet_format format;
    int64_t until_ms; /* service time: the file goes then */
};
/* False when there is no such export of this person (any more). */
bool exports_view(
    const struct exports *exports,
    struct text id,
    const struct actor *actor,
    struct export_view *ret_view);
bool exports_cancel(struct exports *exports, struct text id, const struct actor *actor);

/*
 * GET and DELETE of a job (console/api_exports.c): answered when it is an export of who asks, or
 * when who asks may see no other jobs; else false.
 */
bool api_export_show(struct console *console, struct http_call *call);
bool api_export_cancel(struct console *console, struct http_call *call);

#endif
