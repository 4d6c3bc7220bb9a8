/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list as a file: the rows of the list's own query, filtered and scoped by the same reading
 * (console/case_filter.h, console/figure_table.h), below lines that say what it is, by which
 * filter, when and for whom. Written in one pass; memory does not grow with the rows.
 */
#ifndef NRT_CONSOLE_EXPORT_H
#define NRT_CONSOLE_EXPORT_H

#include <stdatomic.h>

#include "console/http_head.h"
#include "console/sheet.h"
#include "console/view.h"

enum export_what {
    EXPORT_OVERDUE,
    EXPORT_CASES,
    EXPORT_UNITS,
    EXPORT_ACCOUNTABILITY,
    EXPORT_WHAT_COUNT
};

/* More rows are a job's: POST /api/v1/exports. */
#define EXPORT_ROWS_AT_ONCE 5000

/* Of the loop and of the thread that writes. */
struct export_progress {
    _Atomic int64_t done; /* rows */
    _Atomic bool stop;    /* give up */
};

struct export_wish {
    enum export_what what;
    enum sheet_format format;
    const struct http_head *head;     /* its parameters are the filter, and `lang` */
    const char *path;                 /* of the file to be made */
    const char *temp_folder;          /* ours alone */
    struct export_progress *progress; /* NULL: nobody asks */
};

/* "overdue", "cases", "units", "accountability"; false for another word. */
bool export_what_read(struct text word, enum export_what *ret_what);
const char *export_what_name(enum export_what what);
/* The parameters it takes, joined by blanks, without `lang`. */
const char *export_filters(enum export_what what);
/* Append "超期清单-20260302-0820.xlsx". */
void export_file_name(
    const struct view *view, const struct export_wish *wish, struct buf *ret_name);

/*
 * How many rows there would be; total.more: at least so many. ERR_USAGE with the parameter that is
 * wrong, else the ledger's error.
 */
enum err export_count(
    const struct view *view,
    const struct export_wish *wish,
    struct arena *arena,
    struct ledger_total *ret_total,
    struct err_why *why) ERR_MUST_USE;
/* Write the file. ERR_USAGE likewise, ERR_TIMEOUT when told to stop, ERR_IO: the disk is full. */
enum err export_write(
    const struct view *view,
    const struct export_wish *wish,
    struct arena *arena,
    struct err_why *why) ERR_MUST_USE;

#endif
