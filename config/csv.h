/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as offices keep them: CSV of any spreadsheet, in UTF-8 with or without a mark, UTF-16 with
 * one, or GB18030 (of which GBK is a part); parted by comma, semicolon or tab; with quotes, any
 * line ends, blank lines. Pure but for the C library's character tables. Whatever a cell holds is
 * text: nothing is ever computed.
 */
#ifndef NRT_CONFIG_CSV_H
#define NRT_CONFIG_CSV_H

#include "base/arena.h"
#include "base/text.h"

#define CSV_BYTES_MAX      ((size_t)16 << 20)
#define CSV_ROWS_MAX       100000
#define CSV_CELLS_MAX      64
#define CSV_CELL_BYTES_MAX ((size_t)4096)

struct csv_row {
    size_t number; /* as a spreadsheet counts, from 1, with the heading */
    const struct text *cells;
    size_t cell_count;
};

struct csv {
    struct csv_row *rows; /* blank rows are left out */
    size_t row_count;
};

/*
 * Append the bytes as well-formed UTF-8 without a mark. ERR_PARSE when they are in none of the
 * encodings, ERR_FULL for too many.
 */
enum err csv_decode(struct text bytes, struct buf *utf8, struct err_why *why) ERR_MUST_USE;

/*
 * Rows of UTF-8 text; cells without the blanks around them, in the arena. ERR_PARSE with the row
 * for a quote that does not end or a NUL, ERR_FULL for what is too large, ERR_NO_MEMORY.
 */
enum err csv_read(struct text utf8, struct arena *arena, struct csv *ret_csv, struct err_why *why)
    ERR_MUST_USE;

#endif
