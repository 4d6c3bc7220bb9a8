/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing workbooks behind one door (xlsxwriter.h is used in base/xlsx.c only). Rows go to disk as
 * they come: memory does not grow with them. A cell is a text, a number, a rate, or a local time,
 * and never a formula or a link, whatever its text looks like. Sheets print on A4 across, with
 * their heading row on every page and page numbers.
 *
 * Not thread-safe: one workbook belongs to one thread.
 */
#ifndef NRT_BASE_XLSX_H
#define NRT_BASE_XLSX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define XLSX_ROWS_MAX       ((int64_t)1048576) /* of one sheet, with its heading */
#define XLSX_COLUMNS_MAX    64
#define XLSX_CELL_CHARS_MAX ((size_t)32767) /* UTF-16 units; longer texts are cut */
#define XLSX_SHEETS_MAX     16

struct xlsx;

/* Of the library that is running, never freed. */
const char *xlsx_version(void);

struct xlsx_wish {
    const char *path;        /* of the file to be made, or replaced */
    const char *temp_folder; /* ours alone: what is in work lies there, without names */
    struct text author;
    int64_t created_s; /* what the file says of itself, seconds since 1970 */
    bool charts;       /* a small workbook, kept in memory so that charts know their values */
};

/* The caller ends with xlsx_finish() or xlsx_abandon(). */
enum err xlsx_create(const struct xlsx_wish *wish, struct xlsx **ret_xlsx, struct err_why *why)
    ERR_MUST_USE;
/* Write the file and free. ERR_FULL when the disk is; ERR_IO; errors of the cells before. */
enum err xlsx_finish(struct xlsx *xlsx, struct err_why *why) ERR_MUST_USE;
void xlsx_abandon(struct xlsx *xlsx); /* frees, writes no file; accepts NULL */

/* Go on with a new sheet; its name is cut to 31 characters and cleaned of `[]:*?/\`. */
void xlsx_sheet(struct xlsx *xlsx, struct text name);

/* Cells of the row that is being written, from the left; xlsx_row_end() goes to the next. */
void xlsx_title(struct xlsx *xlsx, struct text text);  /* large; widens no column */
void xlsx_remark(struct xlsx *xlsx, struct text text); /* small; widens no column */
void xlsx_text(struct xlsx *xlsx, struct text text);
void xlsx_number(struct xlsx *xlsx, int64_t number);
void xlsx_decimal(struct xlsx *xlsx, double number); /* with one digit behind the point */
void xlsx_rate(struct xlsx *xlsx, double rate);      /* 0.971 as 97.1% */
/* Milliseconds since 1970-01-01T00:00 as clocks on the wall show it. */
void xlsx_local_time(struct xlsx *xlsx, int64_t local_ms);
void xlsx_blank(struct xlsx *xlsx);
void xlsx_row_end(struct xlsx *xlsx);
/* The row that is being written becomes the heading: it stays in sight, and on every page. */
void xlsx_heading(struct xlsx *xlsx, const struct text *names, size_t count);
/* Rows the sheet still has room for. */
int64_t xlsx_rows_left(const struct xlsx *xlsx);

/*
 * A chart of bars beside the rows of this sheet: names in one column, values in another, rows
 * first..last, all from 0.
 */
struct xlsx_bars {
    struct text title;
    int32_t name_column;
    int32_t value_column;
    int64_t first_row;
    int64_t last_row;
    int32_t at_column;
    int64_t at_row;
    bool rate; /* values are shares of one */
};
void xlsx_bars(struct xlsx *xlsx, const struct xlsx_bars *bars);
/* Number, from 0, of the row that is being written. */
int64_t xlsx_row_number(const struct xlsx *xlsx);

#endif
