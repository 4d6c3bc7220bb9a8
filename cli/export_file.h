/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of the console's, such as an export, saved under a name: asked for at once, or, where it
 * has too many rows for that, as a job that is waited for.
 */
#ifndef NRT_CLI_EXPORT_FILE_H
#define NRT_CLI_EXPORT_FILE_H

#include "cli/api.h"

struct export_order {
    const struct api *api;
    const char *path;   /* of the file, with its query */
    const char *what;   /* of the job: "overdue"; NULL: there is no job for it */
    const char *format; /* "csv", "xlsx" */
    const char *unit;   /* the filter of the job; NULL: none */
    const char *out;    /* where it goes */
};

/* EXIT_FINE when the file is there whole; else there is none, and a line on stderr. */
int export_file(const struct export_order *order);

#endif
