/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for spreadsheets as CSV: UTF-8 with its mark, lines that end in CR LF, texts in quotes.
 * No cell can become a formula when the file is opened: where a line of a text begins like one
 * - with = + - @, their full-width and small forms, a tab or a carriage return, also behind
 * blanks - an apostrophe is put in front of it. Numbers are ours and stand as they are.
 */
#ifndef NRT_CONSOLE_CSV_OUT_H
#define NRT_CONSOLE_CSV_OUT_H

#include <stdio.h>

#include "base/text.h"

struct csv_out {
    FILE *file; /* the caller's */
    struct buf cell;
    bool row_begun;
    bool failed;
};

/* Append one text as a cell, quotes included; well-formed UTF-8 whatever comes. */
void csv_cell(struct buf *buf, struct text text);

/* Writes the mark. */
void csv_out_init(struct csv_out *csv, FILE *file);
void csv_out_release(struct csv_out *csv);
void csv_out_text(struct csv_out *csv, struct text text);
/* Digits of ours; empty: an empty cell. */
void csv_out_number(struct csv_out *csv, const char *digits);
void csv_out_row_end(struct csv_out *csv);
/* ERR_FULL when the disk is, ERR_NO_MEMORY, ERR_IO. */
enum err csv_out_error(const struct csv_out *csv) ERR_MUST_USE;

#endif
