/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table on its way to a file, as CSV or as a workbook: the same calls for both. Lines of text
 * above it say what it is, whose, when and which filter; then its heading, then rows. A workbook
 * may have further sheets; in CSV they follow behind an empty line.
 */
#ifndef NRT_CONSOLE_SHEET_H
#define NRT_CONSOLE_SHEET_H

#include "base/text.h"
#include "base/wall.h"
#include "base/xlsx.h"

struct calendar;
struct sheet;

enum sheet_format { SHEET_CSV, SHEET_XLSX, SHEET_FORMAT_COUNT };

struct sheet_wish {
    enum sheet_format format;
    const char *path;            /* of the file to be made (0600) */
    const char *temp_folder;     /* ours alone */
    const struct calendar *zone; /* times are shown as it shows them */
    struct text author;
    struct wall_ms now;
    bool charts; /* a small workbook with charts, kept in memory until its end */
};

/* "csv", "xlsx"; false for another word. */
bool sheet_format_read(struct text word, enum sheet_format *ret_format);
const char *sheet_format_name(enum sheet_format format);
/* The media type. */
const char *sheet_format_type(enum sheet_format format);

/* Ended by sheet_finish() or sheet_abandon(). */
enum err sheet_create(const struct sheet_wish *wish, struct sheet **ret_sheet, struct err_why *why)
    ERR_MUST_USE;
/* Write the file to its end and free. ERR_IO, ERR_NO_MEMORY: then there is no file. */
enum err sheet_finish(struct sheet *sheet, struct err_why *why) ERR_MUST_USE;
void sheet_abandon(struct sheet *sheet); /* accepts NULL; removes the file */

void sheet_page(struct sheet *sheet, struct text name); /* of a workbook */
void sheet_title(struct sheet *sheet, struct text text);
void sheet_remark(struct sheet *sheet, struct text text);
void sheet_heading(struct sheet *sheet, const struct text *names, size_t count);
void sheet_text(struct sheet *sheet, struct text text);
void sheet_number(struct sheet *sheet, int64_t number);
void sheet_decimal(struct sheet *sheet, double number);
void sheet_rate(struct sheet *sheet, double rate); /* 0.971 as 97.1% */
void sheet_time(struct sheet *sheet, struct wall_ms at);
void sheet_blank(struct sheet *sheet);
/* A row is whole. False when the table can take no more: the last line then says so. */
bool sheet_row_end(struct sheet *sheet);
/* Rows with an end, heading and lines above included. */
int64_t sheet_rows(const struct sheet *sheet);
/* Bars beside the rows written since the heading; nothing in CSV. */
void sheet_bars(struct sheet *sheet, const struct xlsx_bars *bars);

#endif
